"""English phrases and what each says: (label, weight, phrases). `refund*` finds refunds and refunded too.

The weights are those of `words_zh`. Phrases are in lower case with a straight apostrophe; people leave it out, so both
spellings stand here where it matters.
"""

from __future__ import annotations

from heed.judge.matching import Row
from heed.model import Kind, Sentiment, SignalName, Topic

ROWS: tuple[Row, ...] = (
    (
        Kind.COMPLAINT,
        3,
        "complain*, not working, doesn't work, doesnt work, does not work, didn't work, didnt work, won't work, "
        "wont work, isn't working, isnt working, stopped working, never arrived, hasn't arrived, hasnt arrived, "
        "has not arrived, not arrived, didn't arrive, didnt arrive, still waiting, been waiting, still no, "
        "never received, not received, didn't receive, didnt receive, haven't received, havent received, "
        "not delivered, wrong item, wrong size, wrong order, wrong colour, wrong color, missing item*, broken, "
        "defective, faulty, damaged, cracked, crash*, freezes, keeps freezing, overcharged, charged twice, "
        "double charged, charged me twice, no response, no reply, no answer, nobody answers, no one answers, "
        "ignored, ignoring me, rude, unhelpful, worst, terrible, awful, horrible, ripoff, rip off, waste of money, "
        "waste of time, never again, false advertising, scam, unacceptable, disappointed, disappointing, let down, "
        "poor service, poor quality, bad service, cancelled flight*, cancelled my, canceled my, delayed, lost my, "
        "lost luggage, lost bag*, refuse to refund, refuses to refund, refused to refund, where is my, where's my, "
        "wheres my, on hold for, hung up on, can't log in, cant log in, cannot log in, can't login, cant login, "
        "can't access, keeps saying, error message, doesn't even, no help, fake product, counterfeit, expired, "
        "stale, mouldy, moldy, leaking, leaks, fell apart, is a joke, useless, garbage, rubbish, screwed up, "
        "messed up, fix this, fix your, not acceptable, not happy, unhappy, frustrat*, disgust*, pathetic, "
        "ridiculous, dreadful, appalling",
    ),
    (
        Kind.COMPLAINT,
        1.5,
        "problem, problems, issue with, issues, wrong, late, slow, missing, fail*, bug*, error*, can't, cant, "
        "cannot, won't, wont, why is, why are, why do, why can't, still not, still haven't, sucks, bad, poor, "
        "hate, annoying, stuck, lost, delay*, hours",
    ),
    (
        Kind.QUESTION,
        2,
        "how do i, how can i, how to, how long, how much, how many, what is, what's, what if, what happens, "
        "what are, what do, when will, when is, when does, when do, where can, where do, where is, which, who, "
        "do you, does it, does this, is it, is there, is this, are there, are you, can i, could i, "
        "can you tell me, could you tell, will it, will you, would it, do i, should i, may i, i want to know, "
        "i'd like to know, wondering, any idea, tell me about, anyone know, what time, am i, is my",
    ),
    (
        Kind.REQUEST,
        3,
        "please refund, please cancel, please send, please change, please call, please help, please update, "
        "please check, i want to cancel, i want a refund, i want my, i would like to, i'd like to, id like to, "
        "i need to, i need help, i need a, i want to, can you help, could you help, could you please, "
        "can you please, can you check, can you send, can you change, help me, cancel my, change my, update my, "
        "want a refund, get a refund, need a refund, request a, requesting, send me, give me, show me, help with, "
        "help to, assistance, i have to, need assistance, want help, need help, my order please, replace it, "
        "call me, book a, order a, i wanna, i have got to, check my, want to check, want to see",
    ),
    (Kind.REQUEST, 1, "please, pls, plz, need, want, refund*, kindly, can you, could you, would like"),
    (
        Kind.PRAISE,
        3,
        "thank you so much, thanks so much, love it, love this, love your, i love, loving, awesome, amazing, "
        "excellent, fantastic, wonderful, perfect, great service, great job, great app, great product, well done, "
        "good job, best service, highly recommend, recommend it, brilliant, superb, outstanding, five stars, "
        "5 stars, very helpful, so helpful, very happy, happy with, works great, works perfectly, works well, "
        "killing it, kudos, shout out, shoutout, props to, you rock, you guys rock, impressed, delicious, "
        "very good, really good, so good, pleasantly surprised, best app, best airline, keep it up, "
        "keep up the good, is great, is the best, very useful, dying to try, on fire lately",
    ),
    (
        Kind.PRAISE,
        1.5,
        "thanks, thank you, thx, ty, great, good, love, best, nice, happy, cool, glad, appreciate*, helpful, "
        "enjoy*, excited, fun",
    ),
    (
        Kind.SUGGESTION,
        3.5,
        "suggest*, it would be nice, would be nice, would be great if, would be good if, would be cool if, "
        "would love to see, would love it if, would be better if, please add, you should, you could add, "
        "should be able to, allow us to, allow users, allow developers, allow for, there should be, wish you, "
        "wish it, wish there, why not add, how about adding, feature request, add support, add a, adding a, "
        "needs a, need a way to, please consider, consider adding, provide a way, make it possible, it would be, "
        "please provide, should support, should have, should allow, please support, please make, "
        "could be improved, would be helpful, would be useful, please allow, bring back, ability to, option to",
    ),
    (
        Kind.IRRELEVANT,
        3,
        "follow me, follow back, check out my, subscribe to my, buy followers, free entry, text stop, txt, "
        "ringtone*, call now, unsubscribe, giveaway, click the link, click here, urgent! you, prize, "
        "we are hiring, promo code",
    ),
    (
        Kind.IRRELEVANT,
        1,
        "lol, haha, hahaha, lmao, good morning, good night, gn, happy birthday, sorry i, tell me a joke, "
        "what's up, whats up, love u, miss u, luv, k, ok, r u, wat, ur, da",
    ),
    (
        Sentiment.NEGATIVE,
        2,
        "terrible, awful, horrible, worst, hate, hates, hated, sucks, suck, sucked, disgust*, disappoint*, "
        "pathetic, ridiculous, rude, unacceptable, useless, garbage, rubbish, trash, crap, angry, furious, annoy*, "
        "frustrat*, broken, scam, ripoff, rip off, fuck, fucking, shit, shitty, wtf, fail*, poor, bad, sad, upset, "
        "unhappy, ugly, nightmare, never again, waste of, waste, ruined, stupid, dumb, damn, pissed, horrid, "
        "worse, cancelled flight*, lost my, joke, ashamed, disaster, dirty, stolen, cheated, lied, lies, liars, "
        "refuse*, unprofessional, incompetent, fed up, sick of, sorry for, cry, crying, killed, dead, died, war, "
        "attack*, tragic, miserable, painful, defective, faulty, damaged, overpriced, overcharged, appalling, "
        "shame, disgrace*, inexcusable, racist, scary, afraid",
    ),
    (
        Sentiment.NEGATIVE,
        1,
        "problem, problems, issue, issues, wrong, late, delay*, slow, missing, never, cancelled, canceled, cancel, "
        "can't, cant, won't, wont, don't, dont, doesn't, doesnt, isn't, isnt, didn't, didnt, still waiting, "
        "on hold, hold, waiting, stuck, error*, crash*, no one, nobody, nothing, why, complain*, not working, "
        "lost, miss, missed, hours, hrs, expensive, tired, unfortunately, hard, wait, but, no response, still no, "
        "without, not, bag, bags, luggage, unable, seriously",
    ),
    (
        Sentiment.POSITIVE,
        2,
        "love, loves, loved, loving, great, awesome, amazing, excellent, fantastic, wonderful, perfect, best, "
        "happy, excited, beautiful, brilliant, superb, outstanding, thank you, thanks, thx, delicious, recommend, "
        "impressed, kudos, glad, enjoy*, fun, cool, yay, congrats*, congratulations, sweet, can't wait, cant wait, "
        "favorite, favourite, awesomeness, proud, killing it, so good, very good, really good, well done, "
        "good job, great job, dying to try, lovely, cute, pleased, blessed, epic, incredible, stunning, you rock, "
        "rocks, fabulous, on fire lately, appreciate*, helpful, win, wins, won, winning, 😂, ♥, ☺, 🙌, 💕, 😎",
    ),
    (
        Sentiment.POSITIVE,
        1,
        "good, nice, well, better, like, hope, smooth, easy, fast, quick, friendly, fine, ready, welcome, "
        "looking forward, useful, works, fresh, haha, lol, party, birthday, hot, free, special, wow, interesting, "
        "tonight, with friends",
    ),
    (
        Topic.DELIVERY,
        2,
        "deliver*, shipping, shipped, ship, shipment, courier, package, parcel, tracking, arrive*, arrival, "
        "dispatch*, postage, driver, where is my order, where's my order, wheres my order, my order hasn't, "
        "flight*, delayed, late flight*, delay*, bag, bags, baggage, luggage, gate, runway, address, ups, fedex, "
        "dhl, royal mail, usps, never arrived",
    ),
    (
        Topic.PAYMENT_REFUND,
        2,
        "refund*, money back, charge, charges, charged, charging me, overcharged, payment*, pay, paid, paying, "
        "invoice*, bill, billing, bills, credit card*, debit, transaction*, transfer*, bank, return, returns, "
        "returned, reimburs*, compensat*, deposit, fee, fees, balance, cashback, top up, topped, atm, withdraw*, "
        "exchange rate, currency, cancellation fee*, card, voucher refund, cheque, check number",
    ),
    (
        Topic.PRODUCT_QUALITY,
        2,
        "quality, broken, defective, faulty, damaged, cracked, fell apart, product, item, material, fabric, size, "
        "colour, color, taste*, stale, fresh, mouldy, moldy, expired, fake, counterfeit, battery, screen, leaking, "
        "leaks, scratch*, seat, seats, food, meal, fits, smell*, stitching, zip, zipper, doesn't fit, wrong size, "
        "texture, flavour, flavor, entertainment, delicious",
    ),
    (
        Topic.TECHNICAL,
        2,
        "website, web site, site, page, crash*, bug*, error*, login page, update, software, install*, wifi, "
        "internet, bluetooth, connect*, loading, load, freezes, frozen, glitch*, server, system, online, "
        "download*, sync*, reboot, router, firmware, api, browser, book online, booking, reset my device, "
        "broadband, signal, outage, version",
    ),
    (
        Topic.ACCOUNT_SECURITY,
        2.5,
        "account, accounts, password*, log in, login, logged in, sign in, hacked, locked out, locked, "
        "verification, verify, identity, passcode, pin, two factor, 2fa, username, stolen, security, unblock, "
        "blocked, privacy, personal information, personal details, profile, freeze, lost card, report fraud, "
        "compromised, personal data",
    ),
    (
        Topic.SERVICE_ATTITUDE,
        2.5,
        "customer service, service, rude, staff, agent, agents, representative*, rep, reps, support, attitude, "
        "helpful, unhelpful, on hold, hung up, ignored, ignoring, no response, no reply, respond, response, "
        "unprofessional, manager, supervisor, employee*, polite, answer, answers, crew, attendant*, customer care, "
        "human, call back, nobody answers, real person",
    ),
    (
        Topic.PRICE,
        2,
        "price*, pricing, expensive, cheap*, cost, costs, discount*, coupon*, promo, promo code, sale, deal, "
        "deals, overpriced, offer, offers, quote, voucher*, price match, how much, subscription fee, "
        "worth the money",
    ),
    (
        SignalName.ANGRY,
        1,
        "furious, angry, outrage*, unacceptable, disgust*, ridiculous, fed up, sick of, sick and tired, "
        "worst company, worst service, worst customer, worst airline, disgrace*, pissed, livid, wtf, "
        "what the hell, what the fuck, never again, is a joke, absolute joke, appalling, liars, thieves, scammers, "
        "crooks, had enough, i'm done with, shame on you, this is bullshit, bullshit, enraged, fuming, "
        "the last straw, joke of a company, fucking, robbery, daylight robbery, pathetic, incompetent",
    ),
    (
        SignalName.WANTS_HUMAN,
        1,
        "real person, real human, human being, actual human, actual person, speak to a human, talk to a human, "
        "a human, speak to someone, talk to someone, speak with someone, speak to a manager, "
        "speak to your manager, talk to a manager, your manager, your supervisor, a supervisor, speak to an agent, "
        "talk to an agent, live agent, live person, live chat, human agent, call me back, call me, phone me, "
        "speak to a representative, speak with a representative, customer service rep, not a bot, stop the bot, "
        "stop sending bots, anybody there, anyone there, is anyone there, someone call, somebody call",
    ),
    (
        SignalName.WANTS_HUMAN,
        0,
        "a human error, human resources, human rights, a human right, call me crazy, call me old",
    ),
    (
        SignalName.URGENT,
        1,
        "urgent*, asap, immediately, right now, right away, emergency, as soon as possible, "
        "straight away, time sensitive, need it today, need it by, need this today, by tomorrow, before tomorrow, "
        "running out of time, at the airport, stranded, today or",
    ),
    (SignalName.URGENT, 0, "not urgent, no rush, emergency exit, urgent! you, love it right now, emergency contact"),
    (
        "idiom",
        0,
        "killing me, kill for, to die for, dying to, dying for, dead good, drop dead gorgeous, sick beat, "
        "mentions exploded, phone blew up, phone exploded with, heart exploded, head exploded, mind exploded, "
        "exploded in popularity, exploded with, sue me, sued for peace, so sue me, press conference, "
        "press release, press the, press on, press button, burned out, burnt out, burned calories, burned through, "
        "burned a hole in my, smoke free, smoke detector*, smoke alarm*, smoke break, no smoking, fire sale, "
        "you're fired, on fire, lawyer friend, food coma, court street, tennis court, basketball court, "
        "food court, next to the court, opposite the court, near the court, bad boy, not bad, not too bad, "
        "no problem, no problems, no worries, no issues, no issue, can't complain, cant complain, cannot complain, "
        "can't fault, can't go wrong, cant go wrong, couldn't be happier, can't believe how good, bad ass, badass, "
        "wicked, hard drive, hard disk, hot mess, well that, as well, free hospital, like a, would like, i'd like, "
        "like to, feel like, looks like, like this, things like, just like, cheap shot, injured reserve, "
        "injured player*, not only, fun fact, war of, star wars, good luck with, god damn good, damn good, "
        "best buy, best regards, kind regards, good morning, good night, good afternoon, good evening, "
        "thanks for nothing, thank you for nothing, nice try, great another, oh great, yeah right, dead battery, "
        "hypoallergenic, non allergenic, anti allergic, allergy friendly",
    ),
    (
        Sentiment.NEGATIVE,
        2,
        "thanks for nothing, thank you for nothing, nice try, great another, oh great, yeah right, hot mess, "
        "dead battery, good luck with",
    ),
    (
        Sentiment.POSITIVE,
        2,
        "to die for, can't complain, cant complain, can't fault, can't go wrong, cant go wrong, "
        "couldn't be happier, not bad, not too bad, dead good, damn good, dying to, sick beat, fucking awesome, "
        "fucking great, fucking love, fucking amazing",
    ),
    (
        Kind.PRAISE,
        2,
        "to die for, can't complain, cant complain, can't fault, can't go wrong, cant go wrong, "
        "couldn't be happier, damn good, drop dead gorgeous, dying to, fucking awesome, fucking great, "
        "fucking love, fucking amazing",
    ),
)
