"""Messages as customers write them, and what they mean. Written for Heed; this table is the specification of the judge.

A line: text | kind | sentiment | topic | risks | signals. `*` stands for a field two readers may answer differently.
"""

CHINESE = """
三天了还没发货，到底发不发 | complaint | negative | delivery | |
快递显示签收了但是我没收到 | complaint | negative | delivery | |
物流四天没更新了 | complaint | negative | delivery | |
送错了，我买的是蓝色 | complaint | negative | delivery | |
少发了一件，联系客服也不理人 | complaint | negative | * | |
外卖等了一个半小时，饭都凉了 | complaint | negative | * | |
退款申请半个月了还没退 | complaint | negative | payment_refund | |
重复扣费了，扣了两次钱 | complaint | negative | payment_refund | |
押金一直不退，骗子公司 | complaint | negative | payment_refund | | angry
用了两天就坏了，质量太差 | complaint | negative | product_quality | |
衣服洗一次就掉色，还起球 | complaint | negative | product_quality | |
水果都烂了，差评 | complaint | negative | product_quality | |
买到假货了，根本不是正品 | complaint | negative | product_quality | |
app一打开就闪退 | complaint | negative | technical | |
更新之后蓝牙连不上 | complaint | negative | technical | |
账号登不上，验证码收不到 | complaint | negative | account_security | |
你们客服态度太差了 | complaint | negative | service_attitude | |
打了五个电话没人理，互相踢皮球 | complaint | negative | service_attitude | |
刚买完就降价，太坑了 | complaint | negative | price | |
垃圾平台，再也不来了！！！ | complaint | negative | * | | angry
辣鸡，退kuan | complaint | negative | payment_refund | |
气死我了，说好的今天送到 | complaint | negative | delivery | | angry
😡😡😡 | complaint | negative | other | | angry
差差差差差差差 | complaint | negative | other | |
什么破玩意，凭什么不给退 | complaint | negative | payment_refund | | angry
一点都不好用，后悔买了 | complaint | negative | product_quality | |
東西壞了，客服還不處理 | complaint | negative | * | |
请问什么时候发货？ | question | neutral | delivery | |
这个可以用花呗吗 | question | * | payment_refund | |
退款多久到账 | question | neutral | payment_refund | |
有没有大一点的尺码 | question | neutral | product_quality | |
怎么修改密码呀 | question | neutral | account_security | |
这款多少钱，有优惠券吗 | question | * | price | |
你们几点下班 | question | neutral | other | |
在哪里可以开发票呢 | * | neutral | payment_refund | |
软件怎么升级 | question | neutral | technical | |
帮我改一下地址 | request | neutral | delivery | |
麻烦帮我查一下物流 | request | neutral | delivery | |
我要退款 | request | neutral | payment_refund | |
我想取消订单 | request | neutral | * | |
帮忙开票，谢谢 | request | * | payment_refund | |
转人工 | request | neutral | service_attitude | | wants_human
别用机器人糊弄我，找你们经理来 | * | * | * | | wants_human
急用，麻烦尽快发货 | request | neutral | delivery | | urgent
帮我注销账号 | request | neutral | account_security | |
人工客服呢？有人吗 | * | * | service_attitude | | wants_human
很好用，五星好评 | praise | positive | product_quality | |
物流很快，包装也好，谢谢 | praise | positive | * | |
客服小姐姐很耐心，点赞👍 | praise | positive | service_attitude | |
味道不错，下次还来 | praise | positive | product_quality | |
性价比高，会回购的 | praise | positive | price | |
用了半年没有坏过，值得推荐 | praise | positive | * | |
累死了，不过收到货好开心，喜欢 | praise | positive | delivery | |
笑死，这个包装也太可爱了吧 | * | positive | product_quality | |
火爆款果然好看 | praise | positive | product_quality | |
好吃到爆炸！ | * | * | product_quality | |
建议增加夜间配送 | suggestion | * | delivery | |
希望能出个小程序 | suggestion | * | technical | |
要是能选颜色就好了 | suggestion | * | * | |
可以考虑多开几家店 | suggestion | * | * | |
扫码关注领红包，退订回T | irrelevant | * | * | |
哈哈哈哈 | irrelevant | neutral | other | |
晚安 | irrelevant | neutral | other | |
充电宝充电的时候起火了！！！ | complaint | negative | * | safety | angry
用了你们的面膜全身过敏，送医了 | complaint | negative | * | safety |
电饭煲漏电，我被电到了 | complaint | negative | * | safety |
吃了你们家外卖拉肚子，在急诊 | complaint | negative | * | safety |
手机突然冒烟 | complaint | negative | * | safety |
孩子吃坏肚子了，食物中毒 | complaint | negative | * | safety |
起 火 了 快来处理 | complaint | negative | * | safety |
冒\u200b烟\u200b了 | complaint | negative | * | safety |
还好没有受伤 | * | * | * | |
并没有冒烟，只是有点热 | * | * | * | |
这个充电宝会不会爆炸？ | question | * | * | |
万一漏电怎么办 | question | * | * | |
我是敏感肌，用了会过敏吗 | question | * | * | |
昨天看的电影里车着火了 | * | * | * | |
嗓子都冒烟了，有水吗 | * | * | * | |
饿死了，外卖什么时候到 | question | * | delivery | |
热死了，空调什么时候装 | question | * | * | |
再不退款我就起诉你们 | complaint | negative | payment_refund | legal |
等着收律师函吧 | complaint | negative | * | legal |
我已经找律师了，你们等着 | complaint | negative | * | legal | angry
不给我退我就起诉你们 | complaint | negative | * | legal |
我不会起诉你们的 | * | * | * | |
我被你们的电池炸伤了，会不会赔？ | complaint | negative | product_quality | safety |
不解决就法院见 | complaint | negative | * | legal |
我的律师朋友很喜欢你们的打印机 | praise | positive | * | |
我是律师，想买两台打印机 | * | * | * | |
法院旁边那家店几点开门 | question | * | * | |
我要告诉你们一个好消息 | * | * | * | |
我要打12315投诉你们 | complaint | negative | * | regulator |
黑猫投诉见 | complaint | negative | * | regulator |
已经向市场监管局举报了 | complaint | negative | * | regulator |
再不处理我就去工信部投诉 | complaint | negative | * | regulator |
我在工商银行办的卡可以付款吗 | question | * | payment_refund | |
我家小黑猫很喜欢这个猫粮 | praise | positive | * | |
手机尾号12345 | * | neutral | * | |
不退钱我就发微博曝光 | complaint | negative | payment_refund | media |
已经联系媒体了，央视315见 | complaint | negative | * | media |
照片曝光过度怎么调 | question | * | * | |
发微博可以参加抽奖吗 | question | * | * | |
银行卡被盗刷了三千 | complaint | negative | * | fraud |
有人冒充客服让我转账，被骗了两万 | complaint | negative | * | fraud |
你们把我的个人信息泄露了，天天有骚扰电话 | complaint | negative | * | data_leak |
会不会泄露个人信息啊 | question | * | * | |
我真的不想活了 | * | negative | * | self_harm |
想死你了小可爱 | * | * | * | |
跳楼价清仓 | * | * | * | |
你们客服都是傻逼吧 | complaint | negative | service_attitude | abuse |
客服脑残，滚蛋 | complaint | negative | service_attitude | abuse |
代开发票，加微信详谈 | irrelevant | * | * | scam |
恭喜您中奖，点击链接领取 | irrelevant | * | * | scam |
日赚500，招刷单兼职，加qq | irrelevant | * | * | scam |
不急，慢慢来就行 | * | * | * | |
十万火急，今天必须送到 | * | * | delivery | | urgent
人工智能音箱怎么连wifi | question | * | technical | |
"""

ENGLISH = """
My order never arrived | complaint | negative | delivery | |
still waiting for my package, 3 weeks now | complaint | negative | delivery | |
you sent the wrong size | complaint | * | product_quality | |
Flight delayed again, no one tells us anything | complaint | negative | delivery | |
I was charged twice for the same order | complaint | negative | payment_refund | |
You refuse to refund me. This is a scam! | complaint | negative | payment_refund | |
Screen cracked after two days | complaint | negative | product_quality | |
the app keeps crashing since the update | complaint | negative | technical | |
I can't log in to my account | complaint | negative | account_security | |
Your support agent was so rude to me | complaint | negative | service_attitude | |
way overpriced, waste of money | complaint | negative | price | |
been on hold for 2 hours!!! this is ridiculous | complaint | negative | service_attitude | | angry
WORST COMPANY EVER NEVER AGAIN | complaint | negative | * | | angry
doesnt work, dissapointed | complaint | negative | * | |
I am sick of your excuses | complaint | negative | * | | angry
it is not good at all | complaint | negative | * | |
When will my order ship? | question | neutral | delivery | |
how much does delivery cost | question | neutral | * | |
Do you have this in blue? | question | neutral | * | |
How do I reset my password? | question | neutral | account_security | |
what is the warranty on this | question | neutral | * | |
Is it safe on planes? | question | neutral | * | |
can I return it without a receipt? | question | * | payment_refund | |
please cancel my order | request | * | * | |
I'd like to change my delivery address | request | neutral | delivery | |
can you send me an invoice please | request | neutral | payment_refund | |
R e f u n d me please | request | neutral | payment_refund | |
I want to talk to a human | request | * | * | | wants_human
let me speak to your manager right now | * | * | * | | wants_human urgent
Need it ASAP please | request | * | * | | urgent
no rush, whenever you have time | * | * | * | |
Love it, works great! | praise | positive | * | |
thank you so much, excellent service | praise | positive | service_attitude | |
soooo good, best coffee ever | praise | positive | * | |
Great quality and fast delivery | praise | positive | * | |
You guys are killing it | praise | positive | * | |
I've been dying to try this flavour | praise | positive | product_quality | |
not bad at all | * | positive | * | |
It would be nice if you could add dark mode | suggestion | * | * | |
Please add support for Spanish | suggestion | * | * | |
you should open a shop in Leeds | suggestion | * | * | |
Follow me for a giveaway, click the link | irrelevant | * | * | |
lol ok | irrelevant | * | other | |
My charger caught fire last night | complaint | negative | * | safety |
the kettle gave me an electric shock | complaint | negative | * | safety |
Your cream gave me an allergic reaction | complaint | negative | * | safety |
my son ended up in hospital after eating your chicken | complaint | negative | * | safety |
ｉｔ ｃａｕｇｈｔ ｆｉｒｅ | complaint | negative | * | safety |
Luckily nobody was injured by the product | * | * | * | |
what happens if it caught fire | question | * | * | |
Your new single is on fire | * | * | * | |
the phone exploded with notifications | * | * | * | |
the hospital gift shop sells your cards | * | * | * | |
I will sue you | complaint | negative | * | legal |
You will be hearing from my lawyer | complaint | negative | * | legal |
See you in court | complaint | negative | * | legal |
My lawyer friend loves it | praise | positive | * | |
I'm a lawyer and need two printers | request | * | * | |
the shop next to the court is lovely | praise | positive | * | |
I am reporting you to Trading Standards | complaint | negative | * | regulator |
if you don't refund me I will report you to the BBB | complaint | negative | payment_refund | regulator |
I don't want to sue you | * | * | * | |
Filed a complaint with the FTC today | complaint | negative | * | regulator |
I work at the FTC and enjoy your coffee | praise | positive | * | |
I'm going to the press with this | complaint | negative | * | media |
I will post this everywhere | complaint | negative | * | media |
loved your press conference | praise | positive | * | |
There is an unauthorized charge on my card | complaint | negative | payment_refund | fraud |
someone hacked my account and ordered a phone | complaint | negative | account_security | fraud |
you leaked my data | complaint | negative | * | data_leak |
I can see someone else's order in my account | complaint | negative | account_security | data_leak |
how do you prevent data leaks? | question | * | * | |
I want to kill myself | * | negative | * | self_harm |
this homework makes me want to kill myself lol | * | * | * | |
fuck you and your stupid company | complaint | negative | * | abuse |
You have won! Claim your prize now | irrelevant | * | * | scam |
Double your bitcoin, guaranteed returns | irrelevant | * | * | scam |
"""
