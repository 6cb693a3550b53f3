// The inbox of the lab's customers: a list that grows by itself, and one message as its reader sees it.
import { at } from "./page.js";
import { languages, speak, word } from "./words.js";

const POLL = 1500;
// In Chinese, words follow an address without a blank.
const WEB_ADDRESS = /(https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]*[\w\-~/?#&=%+])/;
const MESSAGES = "/lab/inbox/messages";
let opened = null;

const load = async (address) => {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  return answer?.ok ? answer.json() : null;
};
const post = (address) =>
  fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => null);

async function refresh() {
  const messages = await load(MESSAGES);
  if (messages) show(messages);
}

// Rows stay as they are, so that the focus does.
function show(messages) {
  const list = at("messages");
  const ids = new Set(messages.map(({ id }) => id));
  for (const row of [...list.children]) if (!ids.has(row.dataset.message)) row.remove();
  const rows = new Map([...list.children].map((row) => [row.dataset.message, row]));
  for (const message of messages.toReversed()) {
    const row = rows.get(message.id) ?? list.insertAdjacentElement("afterbegin", made(message));
    row.firstElementChild.toggleAttribute("data-unread", !message.isRead);
    row.firstElementChild.setAttribute("aria-current", String(message.id === opened?.id));
    row.querySelector(".unread").textContent = message.isRead ? "" : word("unread");
  }
  at("noMessages").hidden = messages.length > 0;
  if (opened && !ids.has(opened.id)) close();
}

function made(message) {
  const row = document.createElement("li");
  row.dataset.message = message.id;
  const button = document.createElement("button");
  button.addEventListener("click", () => open(message.id));
  button.append(
    part("sr unread", ""), part("channel", word(message.channel)), part("to", message.to), moment(message.at),
    ...(message.channel === "email" ? [part("title", message.subject || word("noSubject"))] : []), part("preview", message.preview),
  );
  row.append(button);
  return row;
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

function moment(iso) {
  const time = document.createElement("time");
  time.dateTime = iso;
  time.textContent = new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  return time;
}

async function open(id) {
  const message = await load(`${MESSAGES}/${id}`);
  if (!message) return;
  opened = message;
  await post(`${MESSAGES}/${id}/read`);
  showOpened();
  at("subject").focus();
  refresh();
}

function close() {
  opened = null;
  at("opened").hidden = true;
  at("chooseMessage").hidden = false;
}

function showOpened() {
  const { channel, subject, from, to, at: received, hasHtml, unsubscribe } = opened;
  at("subject").textContent = channel === "sms" ? word("sms") : subject || word("noSubject");
  at("sender").textContent = from;
  at("senderRow").hidden = !from;
  at("recipient").textContent = to;
  at("received").textContent = new Date(received).toLocaleString(document.documentElement.lang);
  at("views").hidden = !hasHtml;
  at("unsubscribe").hidden = !unsubscribe;
  if (unsubscribe) at("unsubscribe").action = unsubscribe;
  at("opened").hidden = false;
  at("chooseMessage").hidden = true;
  view(hasHtml);
}

function view(isFormatted) {
  at("formatted").setAttribute("aria-pressed", String(isFormatted));
  at("plainText").setAttribute("aria-pressed", String(!isFormatted));
  at("content").replaceChildren(isFormatted ? frame(opened) : opened.channel === "sms" ? phone(opened) : plain(opened));
}

// The frame runs no script and reaches nothing; a link opens in a tab of its own.
function frame({ id, subject }) {
  const made = document.createElement("iframe");
  made.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  made.title = subject || word("noSubject");
  made.src = `${MESSAGES}/${id}/html`;
  return made;
}

function plain({ text }) {
  const made = document.createElement("pre");
  made.append(...linked(text));
  return made;
}

function phone({ text }) {
  const made = document.createElement("div");
  made.className = "phone";
  const bubble = document.createElement("p");
  bubble.className = "bubble";
  bubble.append(...linked(text));
  made.append(bubble);
  return made;
}

const linked = (text) => text.split(WEB_ADDRESS).map((piece, place) => (place % 2 ? link(piece) : piece));

function link(address) {
  const made = document.createElement("a");
  made.href = made.textContent = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function choose(language) {
  at("language").value = languages.includes(language) ? language : "en";
  speak(at("language").value);
  document.title = word("inbox");
  at("toDesktop").href = `/desktop?lang=${at("language").value}`;
  at("messages").replaceChildren();
  if (opened) showOpened();
}

choose(new URLSearchParams(location.search).get("lang"));
at("language").addEventListener("change", () => {
  choose(at("language").value);
  refresh();
});
at("formatted").addEventListener("click", () => view(true));
at("plainText").addEventListener("click", () => view(false));
at("emptyInbox").addEventListener("click", async () => {
  await fetch(MESSAGES, { method: "DELETE" }).catch(() => null);
  refresh();
});
await refresh();
setInterval(refresh, POLL);
