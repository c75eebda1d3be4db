"""What counts as a danger, as data: phrases, the company they need, and what makes them harmless.

A false alarm wakes somebody. So a phrase that people also use harmlessly (hospital, 曝光) counts only with company in
the same sentence, and none counts when denied, asked about or told of. The words of each group (`you`, `cause`, ...)
stand in `context`; harmless phrases (爆炸头, "press conference") in `words_zh` and `words_en` under `idiom`.
Phrases stand as `text.read` brings them: BBB, a run of three, is `bb`.
"""

from __future__ import annotations

from typing import NamedTuple

from heed.model import RiskName


class Rule(NamedTuple):
    """Phrases that raise a risk, if a word of a group in `needs` (where given) is in the same sentence, and no word of
    a group in `unless` speaks against it: `not` shortly before it, the others in the same clause."""

    risk: RiskName
    phrases: str
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset({"not", "if", "told"})


_DENIED = frozenset({"not", "told"})
_NEVER = frozenset[str]()

RULES: tuple[Rule, ...] = (
    Rule(
        RiskName.SAFETY,
        "起火, 着火, 自燃了, 冒烟, 冒黑烟, 烧起来了, 爆炸了, 突然爆炸, 发生爆炸, 电池炸了, 手机炸了, 炸伤, 漏电, "
        "触电, 被电到, 电了我, 电伤, 烫伤, 灼伤, 烧伤, 割伤, 砸伤, 夹伤, 摔伤, 弄伤, 过敏了, 严重过敏, 过敏反应, "
        "全身过敏, 脸过敏, 过敏送, 起红疹, 起了红疹, 长红疹, 全身红疹, 送医, 送去医院, 送进医院, 食物中毒, "
        "吃坏肚子, 吃坏了肚子, 吃拉肚子, 上吐下泻, 煤气泄漏, 燃气泄漏, 漏煤气, 刹车失灵, 吃出玻璃, 吃出钢丝, "
        "吃出铁丝, 吃出刀片, 喝出玻璃, 有玻璃渣",
    ),
    Rule(
        RiskName.SAFETY,
        "受伤, 住院, 急诊, 进医院, 进了医院, 去医院, 去了医院, 拉肚子, 呕吐, 过敏, 中毒, 红肿, 起疹子, 昏迷, 窒息, "
        "爆炸",
        frozenset({"cause"}),
    ),
    Rule(
        RiskName.SAFETY,
        "caught fire, caught on fire, burst into flames, went up in flames, started smoking, smoke coming, "
        "was smoking, sparks coming, sparking, exploded in my, blew up in my, electric shock, electrocuted, "
        "got a shock from, shocked me when i, burned my, burnt my, burned me, burnt me, burns on my, "
        "allergic reaction, anaphyla*, food poisoning, gas leak, carbon monoxide, brakes failed, "
        "broke out in hives, found glass, glass in my, metal in my, choked on, choking on, chemical burn*, "
        "set on fire, set fire to, charger is on fire, battery is on fire, phone is on fire",
    ),
    Rule(
        RiskName.SAFETY,
        "hospital, hospitali*, emergency room, the er, injured, exploded, rash, vomit*, throwing up, passed out, "
        "swollen, made me sick, made us sick, overheated and, bleeding",
        frozenset({"cause"}),
    ),
    Rule(
        RiskName.LEGAL,
        "律师函, 起诉你, 告你们, 告上法庭, 告上法院, 法院见, 法庭见, 法庭上见, 走法律程序, 走法律途径, 走司法程序, "
        "法律途径, 拿起法律武器, 追究法律责任, 法律责任, 提起诉讼, 法律手段, 去法院告, 去法院起诉, 收到传票",
        unless=_DENIED,
    ),
    Rule(
        RiskName.LEGAL,
        "起诉, 诉讼, 我的律师会, 我的律师将, 让我的律师, 找律师, 请律师, 委托律师, 咨询律师, 联系律师, 律师已经, "
        "律师会, 申请仲裁, 去告",
        frozenset({"you", "threat"}),
        _DENIED,
    ),
    Rule(
        RiskName.LEGAL,
        "sue you, suing you, sue your, sue this company, take you to court, taking you to court, see you in court, "
        "small claims, my lawyer will, my lawyers will, my attorney will, my solicitor will, contact my lawyer, "
        "contacting my lawyer, contacting a lawyer, talk to my lawyer, speak to my lawyer, hearing from my lawyer, "
        "hear from my lawyer, hear from my attorney, hear from my solicitor, legal action, legal proceedings, "
        "class action, cease and desist, press charges, lawsuit against you, lawyer up",
        unless=_DENIED,
    ),
    Rule(
        RiskName.REGULATOR,
        "12315, 黑猫投诉, 黑猫平台, 上黑猫, 去黑猫, 黑猫见, 消协, 消费者协会, 消委会, 消保委, 市监局, 工商投诉, "
        "工商局投诉, 工商举报",
        unless=_DENIED,
    ),
    Rule(
        RiskName.REGULATOR,
        "12345, 12321, 12300, 12378, 12363, 12381, 黑猫, 工商局, 工商, 市场监管, 市场监管局, 市场监督管理局, "
        "银保监, 银保监会, 金融监管, 工信部, 通管局, 邮政管理局, 国家邮政局, 物价局, 质监局, 食药监, 药监局, "
        "网信办, 证监会, 信访, 卫生局",
        frozenset({"complain"}),
        _DENIED,
    ),
    Rule(
        RiskName.REGULATOR,
        "the bb, to bb, with bb, better business bureau, trading standards, ombudsman, the ftc, ftc, fcc, the dot, "
        "cfpb, attorney general, consumer protection, consumer affairs, consumer rights, citizens advice, ofcom, "
        "ofgem, ofwat, the fca, financial conduct authority, the fda, the acc, to acc, department of transportation, "
        "consumer council",
        frozenset({"complain"}),
        _DENIED,
    ),
    Rule(
        RiskName.MEDIA,
        "曝光你们, 给你们曝光, 网上曝光, 微博曝光, 抖音曝光, 小红书曝光, 媒体曝光, 曝光这家, 曝光你, 找媒体, "
        "联系媒体, 找记者, 联系记者, 叫记者, 央视315, 上315, 315晚会曝光, 挂到网上, 挂网上, 挂你们, 发到网上曝光, "
        "让大家看看你们",
        unless=_DENIED,
    ),
    Rule(
        RiskName.MEDIA,
        "曝光, 发微博, 发抖音, 发小红书, 发到网上, 发网上, 上热搜, 电视台, 315",
        frozenset({"threat"}),
        _DENIED,
    ),
    Rule(
        RiskName.MEDIA,
        "go to the press, going to the press, go to the media, going to the media, contact the media, "
        "contacting the media, contact the press, call the news, calling the news, tell the newspapers, "
        "contact the local news, expose you, name and shame, post this everywhere, posting this everywhere, "
        "post this all over, posting this all over, share this everywhere, tell the whole world, "
        "all over social media, make this go viral, tell the press",
        unless=_DENIED,
    ),
    Rule(
        RiskName.MEDIA,
        "journalist*, reporter*, local news, newspaper*, go viral, consumer watchdog",
        frozenset({"threat"}),
    ),
    Rule(
        RiskName.FRAUD,
        "被盗刷, 盗刷, 冒充客服, 冒充你们, 假冒客服, 假冒你们, 自称是你们客服, 自称客服, 自称你们, 不是我本人操作, "
        "非本人操作, 不是本人操作, 不是我消费, 不是我买的单, 钱被转走, 钱被盗, 骗走",
    ),
    Rule(RiskName.FRAUD, "被骗, 被诈骗, 诈骗, 骗了我", frozenset({"money"})),
    Rule(
        RiskName.FRAUD,
        "unauthori*, didn't authorize, didnt authorize, did not authorize, didn't authorise, did not authorise, "
        "never authorized, never authorised, fraudulent charge*, fraudulent transaction*, fraudulent payment*, "
        "card was stolen, card has been stolen, card stolen, someone used my, somebody used my, hacked my account, "
        "account was hacked, account got hacked, account has been hacked, identity theft, stole my identity, "
        "charge i didn't make, charges i didn't make, charge i did not make, don't recognise this charge, "
        "don't recognize this charge, do not recognize this, impersonating your, pretending to be your, "
        "pretended to be your, scammed me, i was scammed, i got scammed, been scammed",
        unless=frozenset({"if", "told"}),
    ),
    Rule(
        RiskName.DATA_LEAK,
        "信息泄露, 信息被泄露, 信息泄漏, 信息被泄漏, 信息外泄, 泄露我, 泄露了我, 泄漏了我, 泄露客户, 泄露用户, "
        "泄露隐私, 泄露个人, 隐私泄露, 隐私被泄露, 资料泄露, 资料被泄露, 信息被卖, 卖了我的信息, 出卖我的信息, "
        "倒卖我的信息, 把我的电话给, 把我电话给, 把我的信息给, 号码被泄露, 电话被泄露, 看到别人的订单, "
        "别人的个人信息",
    ),
    Rule(
        RiskName.DATA_LEAK,
        "data leak*, data breach*, leaked my, data was leaked, data leaked, details were leaked, "
        "information was leaked, info was leaked, details leaked, information leaked, exposed my data, "
        "sold my data, sold my number, sold my information, selling my data, shared my details with, "
        "sent my details to, gave my number to, gave out my, someone else's details, someone else's order, "
        "someone elses details, see other people's, see other customers",
    ),
    Rule(
        RiskName.SELF_HARM,
        "不想活了, 不想活下去, 活不下去了, 想自杀, 要自杀, 去自杀, 自杀算了, 准备自杀, 轻生, 割腕, 结束自己的生命, "
        "结束我的生命, 结束生命, 了结自己, 了结生命, 我要跳楼, 想跳楼, 去跳楼, 从楼上跳下去, 写好遗书, 写了遗书, "
        "一死了之, 死了算了, 不如死了, 活着没意思, 没有活下去的",
        unless=frozenset({"told"}),
    ),
    Rule(
        RiskName.SELF_HARM,
        "want to kill myself, going to kill myself, gonna kill myself, wanna kill myself, "
        "thinking of killing myself, thinking about killing myself, end my life, ending my life, end it all, "
        "take my own life, taking my own life, suicidal thoughts, i'm suicidal, im suicidal, i am suicidal, "
        "feel suicidal, feeling suicidal, commit suicide, don't want to live anymore, dont want to live anymore, "
        "don't want to be alive, dont want to be alive, no reason to live, want to die, wanna die, "
        "better off dead, hurting myself, cutting myself, self harm, self-harm",
        unless=frozenset({"told", "joking"}),
    ),
    Rule(
        RiskName.ABUSE,
        "傻逼, 傻b, 煞笔, 傻比, 沙比, 草泥马, 操你, 草你妈, 艹你, 日你, 你妈死, 你妈的, 去你妈, 去死吧, 滚蛋, "
        "滚犊子, 王八蛋, 狗东西, 狗日的, 狗娘养, 死全家, 全家死, 杂种, 婊子, 贱人, 人渣, nmsl, cnm, 妈了个逼, "
        "不得好死, 脑残客服, 智障客服, 弱智客服",
        unless=_NEVER,
    ),
    Rule(
        RiskName.ABUSE, "畜生, 脑残, 智障, 弱智, 白痴, 废物, 蠢货, 蠢猪, 猪脑子, sb, 有病, 神经病", frozenset({"you"})
    ),
    Rule(
        RiskName.ABUSE,
        "fuck you, fuck u, fuck off, fuck your, fuck yourself, you idiot*, you moron*, you fucking, you stupid, "
        "you dumb, you piece of shit, you pieces of shit, you asshole*, you bastard*, you bitch*, you scum, "
        "scumbag*, cunt, cunts, go to hell, drop dead, kys, kill yourself, dumbass*, screw you, stfu, "
        "shut up bitch, rot in hell, hope you die, burn in hell",
        unless=frozenset({"told"}),
    ),
    Rule(
        RiskName.ABUSE,
        "idiots, moron*, asshole*, bitch, imbecile*, retard*, bunch of idiots, motherfucker*",
        frozenset({"you"}),
        frozenset({"told"}),
    ),
    Rule(
        RiskName.SCAM,
        "代开发票, 代开各类发票, 刷单返利, 招刷单, 兼职刷单, 日赚, 日结工资, 无抵押贷款, 无抵押, 秒批, 当天放款, "
        "低息贷款, 彩金, 六合彩, 时时彩, 网赌, 加微信领, 加我微信领, 办证刻章, 首充送, 开户送, 裸聊, 信用卡套现, "
        "信用卡提额, 博彩, 包赔, 特殊服务, 中奖了请, 恭喜您中奖, 恭喜你中奖, 稳赚不赔, 带你赚钱",
        unless=frozenset({"not", "told", "money"}),
    ),
    Rule(
        RiskName.SCAM,
        "网银失效, 将失效, 失效请, 即将过期, 积分兑换, 账户异常, 被抽中, 幸运用户, 二等奖, 一等奖, 贷款, 代办, "
        "提额, 发票代, 投资理财, 返利, 刷单, 内幕消息, 涨停",
        frozenset({"lure"}),
        frozenset({"not", "if", "told", "money"}),
    ),
    Rule(
        RiskName.SCAM,
        "you have won, you've won, you have been selected, claim your prize, claim your reward, claim your free, "
        "free entry, guaranteed returns, double your bitcoin, double your money, earn $*, earn money from home, "
        "crypto investment, forex investment, hot singles, cheap followers, buy followers, winning notification, "
        "we offer loans, urgent loan, prize guaranteed, txt the word, recover your lost funds, make $*",
        unless=frozenset({"told"}),
    ),
)
