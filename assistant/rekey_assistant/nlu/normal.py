"""Bring a sentence into the form that the classifier reads: one script, one width, placeholders for data."""

from __future__ import annotations

import re
import unicodedata

ADDRESS = re.compile(r"[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", re.ASCII)
REFERENCE = re.compile(r"\bRC-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.IGNORECASE | re.ASCII)
PHONE = re.compile(
    r"(?<![\d@])(?:\+\d{1,3}[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{3}[ -]\d{3,4}[ -]\d{4})(?!\d)"
)
CODE = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

_TRADITIONAL = (
    "碼码號号賬账帳账戶户郵邮記记錄录機机電电話话驗验證证個个問问題题嗎吗麼么請请幫帮轉转員员麗丽鎖锁凍冻結结開开關关閉闭難难進进沒没來来時时間间誰谁級级團团標标準准專专業业還还處处應应該该樣样讓让說说"
    "謝谢見见對对錯错選选擇择發发檢检單单審审狀状態态協协會会實实體体長长規规則则設设複复雜杂寫写點点擊击連连線线網网絡络備备舊旧換换丟丢壞坏盜盗竊窃資资訊讯訴诉給给誤误過过從从後后裡里裏里為为甚什綁绑"
    "異异動动變变與与頁页麵面聯联繫系係系歡欢確确認认無无辦办簡简駭骇竄窜傳传屬属權权術术總总遺遗補补銷销護护強强種种類类經经濟济縮缩費费額额價价買买賣卖貸贷環环視视聽听讀读語语詞词譯译詢询訂订計计訪访"
    "試试詳详調调談谈論论講讲許许識识議议讚赞們们兩两幾几這这裝装東东車车較较輸输載载軟软輕轻達达運运遠远適适遲迟邊边鄰邻醫医針针鈕钮鈴铃銀银錢钱鍵键鏈链鏡镜鐘钟門门閱阅隊队階阶隨随險险離离雙双雲云靜静"
    "韓韩響响項项順顺須须預预領领頭头頻频顆颗願愿顯显顧顾風风飛飞飯饭館馆馬马騙骗驚惊魚鱼鳥鸟黃黄齊齐龍龙當当盡尽監监盤盘眾众矯矫碩硕禮礼積积穩稳節节範范築筑糾纠紀纪約约紅红純纯紙纸細细終终組组絕绝統统"
    "維维緊紧緒绪編编練练縣县續续纖纤義义習习職职聲声脫脱腦脑臉脸臨临舉举艙舱莊庄華华萬万葉叶蓋盖藍蓝藝艺藥药蘭兰蟲虫衛卫衝冲製制親亲覺觉觀观觸触貝贝負负財财貢贡貨货質质貴贵貼贴賀贺賠赔賴赖贈赠贊赞贏赢"
    "趕赶跡迹蹤踪軍军輪轮農农邏逻釋释鑰钥鐵铁錶表鍋锅壓压嚴严圍围圖图圓圆場场塊块塵尘墊垫壽寿夢梦夾夹奪夺奮奋婦妇媽妈學学孫孙寧宁寶宝將将尋寻導导層层島岛嶺岭師师帶带幣币幹干廠厂廣广庫库廢废張张彈弹徑径"
    "復复恆恒悶闷惡恶慣惯慮虑慶庆憂忧懷怀懶懒戰战戲戏拋抛掃扫掛挂採采損损搖摇搶抢撥拨擋挡擔担據据擴扩擺摆攔拦攜携攝摄敵敌數数斷断於于晉晋晝昼暈晕曆历曬晒書书朧胧條条極极構构槍枪樂乐樓楼樹树橋桥檔档櫃柜"
    "歐欧歲岁歷历歸归殘残殺杀毀毁氣气決决沖冲況况淚泪淨净淺浅減减測测湊凑溫温滿满漁渔漢汉潔洁澤泽濕湿灣湾災灾烏乌煩烦熱热燈灯燒烧營营爭争爾尔牆墙獎奖獨独獲获獻献現现產产畢毕畫画療疗瘋疯癢痒皺皱睜睁瞭了"
    "矚瞩砲炮禍祸稅税窮穷競竞筆笔糧粮"
)
_SIMPLE = {ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
_SLIPS = [
    (re.compile(pattern, re.ASCII), meant)
    for pattern, meant in (
        (r"(?<![a-z])mima(?![a-z])|[密蜜秘觅][码马玛吗]|密ma(?![a-z])", "密码"),
        (r"(?<![a-z])(?:yanzhengma|yzm)(?![a-z])|[验严艳岩][证正征政](?:[码马玛吗嘛]|ma(?![a-z]))", "验证码"),
        (r"(?<![a-z])zhanghao(?![a-z])|[账帐张][号好]", "账号"),
        (r"(?<![a-z])youxiang(?![a-z])|[邮由油][箱相厢]", "邮箱"),
        (r"(?<![a-z])denglu(?![a-z])|[登灯等][录陆路]|登入", "登录"),
        (r"(?<![a-z])shouji(?![a-z])|[手首收][机几鸡](?!房|场)", "手机"),
        (r"(?<![a-z])wangji(?![a-z])|[忘望往][记计纪]", "忘记"),
        (r"(?<![a-z])wangle(?![a-z])|(?<![a-z])wang了|[望往]了", "忘了"),
        (r"(?<![a-z])diule(?![a-z])|(?<![a-z])diu了", "丢了"),
        (r"(?<![a-z])shoubudao(?![a-z])|[首手]不到|收不道|没[首手]到", "收不到"),
        (r"(?<![a-z])zenmeban(?![a-z])|[怎zen]{1,3}么[办半]", "怎么办"),
        (r"(?<![a-z])zenme(?![a-z])|zen么|怎me", "怎么"),
        (r"(?<![a-z])kefu(?![a-z])|客[付扶福]", "客服"),
        (r"(?<![a-z])rengong(?![a-z])|人[公功](?!司)", "人工"),
        (r"(?<![a-z])guanliyuan(?![a-z])|[管官]理[员圆]", "管理员"),
        (r"(?<![a-z])suoding(?![a-z])|[锁索]定|(?<=被|号|户)所定", "锁定"),
        (r"被[索所](?=了|住|定|$)|(?<=给|号)[索所](?=了|住)", "被锁"),
        (r"(?<![a-z])dongjie(?![a-z])|[冻动][结洁]|冻接", "冻结"),
        (r"(?<![a-z])jiesuo(?![a-z])|[解姐][锁索]", "解锁"),
        (r"(?<=[号箱户])被[到道倒]", "被盗"),
        (r"(?<![a-z])chongzhi(?![a-z])", "重置"),
        (r"(?<![a-z])zhaohui(?![a-z])", "找回"),
        (r"(?<![a-z])quxiao(?![a-z])", "取消"),
        (r"(?<![a-z])xiexie(?![a-z])", "谢谢"),
        (r"(?<![a-z])ni ?hao(?![a-z])", "你好"),
        (r"(?<![a-z])zaijian(?![a-z])", "再见"),
        (r"(?<![a-z])bangzhu(?![a-z])", "帮助"),
        (r"公单", "工单"),
        (r"[伸身]请|申情", "申请"),
        (r"[段断]信", "短信"),
        (r"[专砖]人工", "转人工"),
    )
]
"""Words typed in pinyin, or with another character of the same sound, and what was meant."""
_ANY_SLIP = re.compile("|".join(slip.pattern for slip, _ in _SLIPS), re.ASCII)
"""What nearly no sentence holds: one search instead of thirty."""
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+|(?<![^\s])@[A-Za-z0-9_]+", re.ASCII)
"""Links, and the names of those whom a message is sent to."""
_CLOSING = re.compile(
    r"(?<=[.,!?;\n。，！？])\s*(?:(?:(?:with|kind|best|warm|many) ){0,2}(?:regards|wishes|sincerely)|"
    r"yours (?:sincerely|truly|faithfully)|(?:rgds|best|br)(?=[ \t]?[,\n])|此致|敬礼|顺颂商祺)[^?？]{0,60}$",
    re.IGNORECASE,
)
"""How a letter ends: the sender's name and department say nothing about the problem."""
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_SIGNS = re.compile(r"[^\w\s'?!-]+|(?<![a-z])-+|-+(?![a-z])")
_AGAIN = re.compile(r"([a-z?!])\1{2,}")
_APOSTROPHE = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_LEFT_OUT = re.compile(
    "|".join(
        rf"(?<![a-z'])(?:{before})(?={after}(?![a-z']))"
        for before, after in (
            (r"(?<![\u3400-\u9fff])i", "m"),  # 企业IM is a messenger
            ("i|you|we|they", "ve"),
            ("you|they", "re"),
            ("that|what|there|where|here|how|who|it|he|she", "s"),
            ("(?:ca|wo|ai|do|did|does|is|was|are|were|have|has|had|could|would|should|must|need)n", "t"),
        )
    )
)
"""Where people leave an apostrophe out: "cant" without its own is nearer to "can" than to "can't"."""


_GESTURES = {
    sign: word for word, signs in (("ok", "👍👌✅🆗"), ("no", "👎❌"), ("thanks", "🙏")) for sign in signs
}
"""Pictures that say a word where nothing else is said."""
_SPOKEN_NUMBER = re.compile(r"886?[\s.!~。！～]*")
"""A number that sounds like "bye bye" in Chinese, where nothing else is said."""


def _spoken(text: str) -> str:
    """Return *text*, or the words that its numbers and pictures say where it has no letter."""
    if any(map(str.isalpha, text)):
        return text
    pictures = {_GESTURES.get(sign, "") for sign in text if unicodedata.category(sign) == "So"}
    if len(pictures) == 1:
        return pictures.pop() or text
    return "拜拜" if _SPOKEN_NUMBER.fullmatch(text) else text


def has_words(text: str) -> bool:
    """Tell whether *text* says anything but signs, numbers and pictures; some of these are words."""
    return any(map(str.isalpha, _spoken(unicodedata.normalize("NFKC", text).strip())))


def simplify(text: str) -> str:
    """Return *text* in NFKC, lower case, with simplified characters."""
    return unicodedata.normalize("NFKC", text).translate(_APOSTROPHE).lower().translate(_SIMPLE)


def normalise(text: str) -> str:
    """Return *text* as the classifier reads it.

    Simplified, with placeholders for addresses and numbers, without emoji, links, the end of a letter and the
    signs that people leave out; a letter or sign that is held down counts twice, and slips of an input method
    are mended.
    """
    text = _spoken(_CLOSING.sub("", _LINK.sub(" ", unicodedata.normalize("NFKC", text).strip())))
    text = ADDRESS.sub(" zaddress ", text)
    text = REFERENCE.sub(" zreference ", text)
    text = PHONE.sub(" zphone ", text)
    text = CODE.sub(" zcode ", text)
    text = re.sub(r"\d+", " znumber ", simplify(text))
    text = _LEFT_OUT.sub(r"\g<0>'", text)
    text = _BETWEEN_HAN.sub("", _AGAIN.sub(r"\1\1", _SIGNS.sub(" ", text)))
    if _ANY_SLIP.search(text):
        for slip, meant in _SLIPS:
            text = slip.sub(meant, text)
    return text


def language_of(text: str) -> str:
    """Return ``zh`` when *text* holds a Han character, else ``en``."""
    return "zh" if HAN.search(text) else "en"
