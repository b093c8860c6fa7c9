"""Which messages mean "write to me no more". The whole message must be such a word."""

import re
import unicodedata

# Said at any time, they can mean nothing else.
STOP = frozenset(
    """
    stop|stop all|stopp|unsubscribe|opt out|optout|remove me|stop messages|stop promotions
    |stop messaging me|do not message|don't message me|dont message me|no more messages
    |band karo|band kardo|band kar do|band karen|band karein|bandh karo|msg band karo
    |message band karo|messages band karo|mat bhejo|msg mat bhejo|message mat bhejo
    |mujhe message mat bhejo|rok do|roko|message nako|msg nako|band kara|pathavu naka
    |बंद|बंद करो|बंद करें|बंद करे|बंद कर दो|बंद कीजिए|बन्द|बन्द करो|रोकें|रोको|रोक दो|स्टॉप
    |मैसेज बंद करो|मैसेज बंद करें|संदेश बंद करें|मत भेजो|मैसेज मत भेजो|मैसेज मत भेजिए
    |बंद करा|थांबवा|मेसेज बंद करा|मेसेज नको|पाठवू नका|मेसेज पाठवू नका
    |બંધ|બંધ કરો|રોકો|મેસેજ બંધ કરો|મોકલશો નહીં
    |நிறுத்து|நிறுத்தவும்|நிறுத்துங்கள்|அனுப்ப வேண்டாம்
    |ఆపు|ఆపండి|ఆపివేయండి|పంపవద్దు|మెసేజ్ పంపవద్దు
    |ನಿಲ್ಲಿಸಿ|ನಿಲ್ಲಿಸು|ಕಳುಹಿಸಬೇಡಿ
    |നിർത്തുക|നിർത്തൂ|അയക്കരുത്
    |বন্ধ|বন্ধ করুন|বন্ধ করো|থামান|পাঠাবেন না
    |ਬੰਦ|ਬੰਦ ਕਰੋ|ਰੋਕੋ|ਨਾ ਭੇਜੋ
    |بند کرو|بند کریں|روکیں|مت بھیجیں
    """.replace("\n", "").split("|")
)
# "No, thank you": an opt-out only as the answer to a message of ours that nobody asked for.
NO = frozenset(
    """
    no|no thanks|not interested|nahi chahiye|nahin chahiye|nako|nai chahiye|thamba|थांबा
    |नहीं चाहिए|नही चाहिए|नको|मत|નથી જોઈતું|ના|வேண்டாம்|వద్దు|ಬೇಡ|വേണ്ട|চাই না|ਨਹੀਂ ਚਾਹੀਦਾ|نہیں چاہیے
    """.replace("\n", "").split("|")
)
_NOT_LETTERS = re.compile(r"[^\w\s'\u0900-\u0dff\u0600-\u06ff\u200c\u200d]|_")


def plain(text: str) -> str:
    """Small letters, one space between words, no punctuation, no signs, no joiners."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words = _NOT_LETTERS.sub(" ", folded).replace("\u200c", "").replace("\u200d", "")
    return " ".join(words.split())


_STOP = frozenset(plain(each) for each in STOP) - {""}
_NO = frozenset(plain(each) for each in NO) - {""}


def is_opt_out(text: str, *, answers_campaign: bool) -> bool:
    """Whether this whole message takes consent back.

    `answers_campaign`: the last message of ours to this person was a campaign's.
    """
    said = plain(text[:200])
    return said in _STOP or (answers_campaign and said in _NO)
