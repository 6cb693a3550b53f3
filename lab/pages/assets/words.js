// The desktop's own words in two languages; the gadgets bring theirs.
const WORDS = {
  en: {
    product: "Finesse lab", signIn: "Sign in", signOut: "Sign out", userId: "User id", password: "Password",
    language: "Language", signInHint: "Agents 1001–1012, supervisors 1101 and 1102. Password: lab",
    wrong: "The user id or the password is wrong.", locked: "The account is locked for five minutes.",
    unreachable: "The desktop cannot be reached.", lost: "Connection lost, trying again …", moving: "Moving to the other node …", state: "State",
    noCall: "No call", customer: "Customer", placeCall: "Place a test call", hangUp: "Hang up", ok: "OK",
    numberAlone: "Number alone", stranger: "never answered", maximise: "Maximise", restore: "Restore",
    collapse: "Collapse", expand: "Expand", loading: "Loading …", team: "Team", extension: "Ext.",
    home: "Home", myStatistics: "My statistics", teamData: "Team data", multiTab: "Multi-Tab gadget", notes: "Notes",
    noNotes: "No notes yet.",
    calls: "Calls", colleague: "Colleague", answer: "Answer", hold: "Hold", retrieve: "Retrieve", consult: "Consult",
    transfer: "Transfer", conference: "Conference", wrapup: "Wrap up", monitor: "Monitor", barge: "Barge in",
    failOver: "Fail over", noCallToHear: "Nothing to listen to there", sendSurveys: "Send surveys now", inbox: "Inbox", HELD: "On hold", HOLD: "On hold",
    INITIATING: "Dialling", INITIATED: "Dialling", DROPPED: "Ended",
    inboxTitle: "Inbox of the lab’s customers", messages: "Messages", noMessages: "No messages yet. End a call: its survey arrives here.",
    emptyInbox: "Empty the inbox", email: "E-mail", sms: "SMS", unread: "Unread", from: "From", to: "To", received: "Received",
    formatted: "Formatted", plainText: "Plain text", unsubscribe: "Unsubscribe", chooseMessage: "Choose a message.", noSubject: "No subject",
    toDesktop: "To the desktop",
    READY: "Ready", NOT_READY: "Not ready", TALKING: "Talking", RESERVED: "Reserved", WORK: "Wrap-up",
    LOGOUT: "Signed out", ALERTING: "Ringing", ACTIVE: "Talking", WRAP_UP: "Wrap-up", monitoring: "Monitoring",
  },
  "zh-TW": {
    product: "Finesse 實驗室", signIn: "登入", signOut: "登出", userId: "使用者 ID", password: "密碼",
    language: "語言", signInHint: "座席 1001–1012，主管 1101 與 1102。密碼：lab",
    wrong: "使用者 ID 或密碼不正確。", locked: "帳號已鎖定五分鐘。", unreachable: "無法連線至桌面。",
    lost: "連線中斷，正在重試…", moving: "正在切換到另一個節點…", state: "狀態", noCall: "目前沒有通話", customer: "客戶", placeCall: "撥入測試來電",
    hangUp: "掛斷", ok: "確定", numberAlone: "僅有號碼", stranger: "從未填答", maximise: "放大", restore: "還原",
    collapse: "收合", expand: "展開", loading: "載入中…", team: "團隊", extension: "分機",
    calls: "通話", colleague: "同事", answer: "接聽", hold: "保留通話", retrieve: "取回", consult: "諮詢", transfer: "轉接",
    conference: "會議", wrapup: "話後處理", monitor: "監聽", barge: "插話", failOver: "切換節點",
    noCallToHear: "沒有可監聽的通話", sendSurveys: "立即發送問卷", inbox: "收件匣", HELD: "保留中", HOLD: "保留中", INITIATING: "撥號中", INITIATED: "撥號中", DROPPED: "已結束",
    home: "首頁", myStatistics: "我的統計", teamData: "團隊資料", multiTab: "多分頁小工具", notes: "備註", noNotes: "尚無備註。",
    inboxTitle: "實驗室客戶的收件匣", messages: "訊息", noMessages: "尚無訊息。結束一通電話後，問卷就會送到這裡。",
    emptyInbox: "清空收件匣", email: "電子郵件", sms: "簡訊", unread: "未讀", from: "寄件者", to: "收件者", received: "收到時間",
    formatted: "原始格式", plainText: "純文字", unsubscribe: "取消訂閱", chooseMessage: "請選擇一則訊息。", noSubject: "無主旨",
    toDesktop: "前往桌面",
    READY: "就緒", NOT_READY: "未就緒", TALKING: "通話中", RESERVED: "預留中", WORK: "話後處理", LOGOUT: "已登出",
    ALERTING: "響鈴中", ACTIVE: "通話中", WRAP_UP: "話後處理", monitoring: "監聽",
  },
};

let language = "en";
export const languages = Object.keys(WORDS);
export const word = (name) => WORDS[language][name] ?? name;
export const locale = () => (language === "en" ? { lang: "en", country: "US" } : { lang: "zh", country: "TW" });

export function speak(chosen) {
  language = languages.includes(chosen) ? chosen : "en";
  document.documentElement.lang = language === "en" ? "en" : "zh-Hant-TW";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
}
