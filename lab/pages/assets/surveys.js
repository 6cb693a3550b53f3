// What becomes of the surveys after a call: how many CVP has not asked for yet, and how many messages are unread.
import { post } from "./actions.js";
import { at } from "./page.js";
import { word } from "./words.js";

export function startSurveys(counts) {
  at("inbox").href = `/lab/inbox?lang=${sessionStorage.getItem("lab.language") ?? "en"}`;
  at("sendSurveys").addEventListener("click", async () => {
    await post("cvp/flush");
    const answer = await fetch("/lab/surveys", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) showSurveys(await answer.json());
  });
  showSurveys(counts);
}

export function showSurveys({ waiting, unread }) {
  at("sendSurveys").textContent = `${word("sendSurveys")} (${waiting})`;
  at("inbox").textContent = `${word("inbox")} (${unread})`;
}
