// The desktop page: sign in, then the frame with its tabs, the call strip and the stream of events.
import { startCalls } from "./calls.js";
import { follow } from "./events.js";
import { finesseContainer } from "./frames.js";
import { publish, subscribe } from "./hub.js";
import { arrive, moveTo } from "./move.js";
import { compare, drift } from "./clock.js";
import { settle } from "./network.js";
import { at } from "./page.js";
import { forget, header, isKept, keep, open, signOut } from "./session.js";
import { showSurveys, startSurveys } from "./surveys.js";
import { showTabs } from "./tabs.js";
import { locale, speak, word } from "./words.js";

const TICK = 5000;
const CHOICES = ["READY", "NOT_READY"];

function chooseLanguage() {
  const asked = new URLSearchParams(location.search).get("lang") ?? sessionStorage.getItem("lab.language") ?? "en";
  at("language").value = asked === "zh-TW" ? asked : "en";
  sessionStorage.setItem("lab.language", at("language").value);
  speak(at("language").value);
}

function askToSignIn(fault) {
  forget();
  at("signInPage").hidden = false;
  at("signInFault").textContent = fault ? word(fault) : "";
  at("userId").focus();
}

async function enter(options) {
  const { session, fault, way } = await open(options);
  if (fault === "elsewhere") return moveTo(way);
  if (fault === "unreachable" && isKept() && at("signInPage").hidden) return setTimeout(enter, 1000);
  if (fault) return askToSignIn(fault);
  at("signInPage").hidden = true;
  at("desktop").hidden = false;
  settle(session.network);
  compare(session.currentTimestamp);
  showPerson(session);
  configure(session);
  showTabs(session.tabs);
  startCalls(session);
  startSurveys(session.surveys);
  setInterval(() => publish("finesse.containerservices.timerTickEvent", { dateQueued: Date.now() }), TICK);
  follow(session.number, {
    onConnection: (lost) => (at("connection").textContent = lost ? word("lost") : ""),
    onRefused: () => signOut(),
    onElsewhere: moveTo,
    onSurveys: showSurveys,
  });
}

function configure(session) {
  const { lang, country } = locale();
  const { id, extension, teamId, teamName, deploymentType, systemAuthMode } = session;
  finesseContainer.config = {
    id, extension, teamId, teamName, deploymentType, country, language: lang, locale: `${lang}_${country}`,
    clientDriftInMillis: drift(), systemAuthMode, mobileAgentMode: "",
    ...(session.cceSkillTargetId ? { cceSkillTargetId: session.cceSkillTargetId } : {}),
  };
}

function showPerson(session) {
  at("personName").textContent = session.name;
  at("personFacts").textContent = `${session.id} · ${session.teamName} · ${word("extension")} ${session.extension}`;
  showState(session.state);
  const topic = `finesse.api.User.${session.id}`;
  subscribe(topic, (_topic, { content }) => {
    const user = new DOMParser().parseFromString(content, "text/xml");
    showState(user.querySelector("user > state").textContent);
  });
  at("agentState").addEventListener("change", () => setState(session.id, at("agentState").value));
  at("signOut").addEventListener("click", signOut);
}

function showState(state) {
  const select = at("agentState");
  const offered = CHOICES.includes(state) ? CHOICES : [state, ...CHOICES];
  select.replaceChildren(...offered.map((each) => new Option(word(each), each, false, each === state)));
  select.dataset.state = state;
  select.closest("label").dataset.state = state;
}

function setState(id, state) {
  const headers = { ...header(), "Content-Type": "application/xml", "X-Requested-With": "finesse.js" };
  const body = `<User><state>${state}</state></User>`;
  fetch(`/finesse/api/User/${id}`, { method: "PUT", headers, body }).catch(() => null);
}

await arrive();
chooseLanguage();
at("language").addEventListener("change", () => {
  sessionStorage.setItem("lab.language", at("language").value);
  speak(at("language").value);
});
at("signInForm").addEventListener("submit", (event) => {
  event.preventDefault();
  keep(at("userId").value.trim(), at("password").value);
  at("password").value = "";
  enter({ fresh: true });
});
if (isKept()) enter();
else askToSignIn();
