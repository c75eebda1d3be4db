"""Words that decide what others near them mean: (group, weight, phrases) as in `words_zh`.

`not` turns or cancels what follows it; `if` and `told` make a danger a question or a story; the other groups are
the company that a rule in `risks` may need.
"""

from __future__ import annotations

from heed.judge.matching import Row

ROWS: tuple[Row, ...] = (
    (
        "not",
        1,
        "不, 没, 没有, 不是, 并不, 并没, 并没有, 别, 未, 从未, 从没, 不会, 不太, 不怎么, 不够, 无, 毫无, 不再, "
        "不算, 谈不上, 幸好没, 还好没, 不想, 避免, 防止, 以免",
    ),
    (
        "not",
        0,
        "不但, 不仅, 不光, 不过, 不管, 不知道, 不得不, 不止, 不料, 不同, 没想到, 没事, 别人, 别家, 别的, 特别, "
        "级别, 未来, 无线, 无论, 差别, 区别, 要不, 要不是, 不然, 不停",
    ),
    (
        "if",
        1,
        "会不会, 是否, 如果, 万一, 要是, 假如, 怕, 担心, 容易, 能防, 可能会, 可能, 会不, 有没有, 是不是, 以防, "
        "请问, 想问, 小心, 谨防, 注意, 提醒, 吗, 会吗",
    ),
    (
        "told",
        1,
        "新闻, 电影, 电视剧, 小说, 游戏, 剧情, 剧里, 动漫, 漫画, 综艺, 演的, 角色, 明星, 演员, 视频里, 书里, 报道, "
        "热搜, 歌词, 主角, 消防员, 朋友圈说, 听说",
    ),
    (
        "you",
        1,
        "你们, 你, 您, 贵司, 贵公司, 贵店, 商家, 卖家, 店家, 平台, 客服, 老板, 骑手, 快递员, 这家, 这店, 公司, 厂家",
    ),
    (
        "cause",
        1,
        "吃了, 吃完, 喝了, 喝完, 用了, 用完, 吃你们, 喝你们, 用你们, 你们家, 你们的, 涂了, 擦了, 穿了, 抹了, 敷了, "
        "敷完, 产品, 充电器, 外卖, 面膜, 面霜, 奶粉, 你家",
    ),
    (
        "threat",
        1,
        "投诉, 举报, 维权, 不退, 不处理, 不解决, 否则, 不然, 要不然, 等着, 再不, 说法, 曝光, 赔, 骗, 给我等着, "
        "联系你们, 后果自负",
    ),
    (
        "lure",
        1,
        "加微信, 加我, 加v, 加vx, 加qq, 点击, 扫码, 详询, 咨询电话, 来电, 电话, 回复, 联系, 微信, 免费, 办理, "
        "登录, 登陆, 请致电",
    ),
    ("complain", 1, "投诉, 举报, 打, 反映, 告, 找, 曝光, 申诉, 维权, 见, 介入, 举证, 告到, 打了, 打给, 拨打, 联系"),
    ("money", 1, "元, 块, 块钱, 万, 转账, 验证码, 转走, 银行卡, 钱没了, 汇款, 打款, 诈骗电话, 几千, 几万, 千"),
    (
        "not",
        1,
        "not, no, never, isn't, isnt, wasn't, wasnt, don't, dont, didn't, didnt, doesn't, doesnt, aren't, without, "
        "won't, wont, wouldn't, hardly, barely, nobody, no one, haven't, hasn't, avoid, prevent*, nothing, "
        "neither, nor, cannot, can't, cant",
    ),
    (
        "if",
        1,
        "if, is it, will it, would it, could it, can it, does it, do they, has anyone, have any, might, may, "
        "worried, afraid, in case, is there, are there, risk of, could, what happens, is this, can this, "
        "does this, did anyone, safe to, ever, prone to",
    ),
    (
        "told",
        1,
        "movie, film, novel, song, lyrics, tv show, episode, character, game, the news, documentary, "
        "season finale, album, book, series, actor, celebrity, video game, concert, playoffs, player",
    ),
    (
        "you",
        1,
        "you, your, you're, youre, u, ur, yours, this company, company, staff, driver, agent, customer service, "
        "seller, support, bot",
    ),
    (
        "cause",
        1,
        "after using, after eating, after drinking, using your, i used, i ate, we ate, product, charger, battery, "
        "phone, kettle, device, cream, food, meal, meat, chicken, lotion, toaster, oven, laptop, cable, plug, "
        "adapter, machine, heater",
    ),
    (
        "complain",
        1,
        "report*, complain*, file, filed, filing, contact*, escalat*, taking this, notify, notified, going to, "
        "lodge*, refer*, hear from",
    ),
    (
        "threat",
        1,
        "report*, contact*, hear about, going to, i will, i'll, refund*, fraud, complain*, if you, unless, gonna, "
        "scam, expose",
    ),
    ("joking", 1, "lol, lmao, haha, hahaha, rofl, jk, lmfao, 😂, 🤣, literally, exam*, homework, gym"),
    ("lure", 1, "http, call now, click, text, txt, dm, whatsapp, telegram, claim, reply, link, sign up, free, cash"),
)
