"""What customers write, in English and 繁體中文, by how they felt."""

WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("promoter", "en-us"): (
        "Quick and friendly.",
        "Solved in one call, thank you.",
        "She knew exactly what I needed.",
        "Very patient with all my questions.",
        "Best support I have had this year.",
        "Clear answers, no waiting.",
        "He called me back just as promised.",
        "Polite, and the refund arrived the same day.",
        "Easy. I wish every company worked like this.",
        "Went out of his way to find the missing parcel.",
    ),
    ("passive", "en-us"): (
        "Fine, but the menu before was long.",
        "Good answer in the end.",
        "Took a while, though the agent was kind.",
        "OK. I had to give my number twice.",
        "Helpful, but I still wait for the e-mail.",
        "Would be nice to get this done online.",
        "Friendly agent, slow system.",
    ),
    ("detractor", "en-us"): (
        "Waited > 20 minutes & then the line dropped.",
        "Nobody called back.",
        "I was passed on three times.",
        "The agent could not see my last order.",
        "Still not solved after the second call.",
        'I was told "it is in the system" – it is not.',
        "Too many questions before anyone listens.",
        "Wrong information about the delivery date.",
        "Felt rushed; my question was not answered.",
    ),
    ("promoter", "zh-tw"): (
        "服務很好，很快就解決了。",
        "客服人員非常有耐心，謝謝！",
        "一通電話就處理完成，讚。",
        "說明清楚，態度親切。",
        "有依約回電，非常滿意。",
        "專員很專業，馬上找到問題。",
        "退款當天就收到了，效率很高。",
    ),
    ("passive", "zh-tw"): (
        "還可以，但是等候時間有點久。",
        "問題有解決，語音選單太長了。",
        "服務人員客氣，不過要重複說明資料。",
        "希望可以在網站上直接處理。",
        "普通，沒有特別的感覺。",
    ),
    ("detractor", "zh-tw"): (
        "等了二十幾分鐘，電話還斷線。",
        "說好要回電，結果沒有人打來。",
        "被轉接了三次，每次都要重新說明。",
        "問題到現在還沒有解決。",
        "查不到我上次的訂單，很失望。",
        "給的到貨日期是錯的。",
        "態度不耐煩，沒有回答我的問題。",
    ),
}


def mood(nps: int) -> str:
    return "promoter" if nps >= 9 else "passive" if nps >= 7 else "detractor"
