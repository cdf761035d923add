// One run: what it is at, what it asks, its picture, when it was at work, its steps, what it came to.

import * as api from "./api.js";
import { confirmed, element, paced, Rows, say } from "./elements.js";
import { standing } from "./runs.js";
import { errorBox, Steps, valueText } from "./steps.js";
import { timeline } from "./timeline.js";
import { duration, moment, statusWord, t } from "./words.js";

const GRAPH_MS = 1_000;
const DARK = matchMedia("(prefers-color-scheme: dark)");
const LARGEST_PICTURE = 1_500_000; // characters; more than anybody can look at

export class RunView {
  constructor(run, context) {
    this.run = run;
    this.context = context;
    this.isLively = true;
    this.found = null;
    this.pictured = null;
    this.parts();
    this.steps = new Steps();
    this.draw = paced(() => this.picture(), GRAPH_MS);
    this.node = element("div", {},
      element("p", {}, element("a", { href: "#/" }, `← ${t("back")}`)),
      element("div", { class: "heading" }, this.title, this.badge, element("span", { class: "grow" }),
        element("div", { class: "actions" }, this.resume, this.cancel)),
      this.facts, this.wrong, this.error, this.questions, this.graphPanel, this.timePanel, this.steps.node, this.resultPanel);
  }

  parts() {
    this.title = element("h2", { id: "run-title" }, this.run);
    this.badge = element("span", { class: "badge", id: "run-status" });
    this.facts = element("p", { class: "facts" });
    this.wrong = element("div", { class: "alert", role: "alert" });
    this.error = element("div", { class: "top-error" });
    this.cancel = element("button", { class: "danger", hidden: true, onclick: () => this.cancelled() }, t("cancel"));
    this.resume = element("button", { hidden: true, onclick: () => this.told("resume") }, t("resume"));
    this.questions = element("div", { id: "questions" });
    this.asked = new Rows(this.questions, { key: (one) => JSON.stringify([one.step, one.item]), make: (one) => this.question(one) });
    this.image = element("img", { alt: "" });
    this.undrawn = element("p", { class: "small" });
    const graph = element("div", { class: "graph", tabindex: "0", role: "group", "aria-label": t("graph") }, this.image, this.undrawn);
    this.graphPanel = element("section", { class: "panel", id: "graph" }, element("h2", {}, t("graph")), graph);
    this.times = element("div", { class: "timeline", tabindex: "0", role: "group", "aria-label": t("timeline") });
    this.timePanel = element("section", { class: "panel", id: "timeline", hidden: true }, element("h2", {}, t("timeline")), this.times);
    this.result = element("pre", { tabindex: "0" });
    this.resultPanel = element("section", { class: "panel", id: "result", hidden: true }, element("h2", {}, t("result")), this.result);
  }

  cares(frame) {
    return frame.runId === this.run;
  }

  async look() {
    let run;
    try {
      run = await api.detail(this.run);
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      this.wrong.replaceChildren(element("div", { class: "error" }, t("unknownRun")));
      this.isLively = false;
      return;
    }
    const before = this.found && standing(this.found);
    if (before !== null && before !== standing(run)) {
      this.context.tell(t("said", run.workflowName, statusWord(standing(run))));
    }
    this.found = run;
    this.show(run);
  }

  show(run) {
    const isOver = run.finishedAt !== undefined;
    this.isLively = !isOver;
    say(this.title, run.workflowName || run.id);
    this.badge.className = `badge ${standing(run)}`;
    say(this.badge, statusWord(standing(run)));
    this.cancel.hidden = isOver;
    this.resume.hidden = isOver || run.status === "running";
    this.head(run);
    this.error.replaceChildren(...(run.error ? [errorBox(run.error)] : []));
    this.asked.show(isOver ? [] : run.questions);
    this.steps.show(run);
    this.drawTimes(run, isOver);
    const result = run.result === undefined || run.result === null ? "" : valueText(run.result);
    this.resultPanel.hidden = result === "";
    say(this.result, result);
    const mark = JSON.stringify([DARK.matches, run.status, run.steps.map((one) => [one.id, one.item, one.status, one.done, one.attempts])]);
    if (mark !== this.pictured) {
      this.pictured = mark;
      this.draw();
    }
  }

  head(run) {
    const facts = [
      ["id", run.id], ["progress", `${run.progress.done}/${run.progress.total}${run.progress.failed ? ` · ✗ ${run.progress.failed}` : ""}`],
      ["begun", moment(run.startedAt ?? run.acceptedAt)], ["duration", duration(run.duration)], ["session", run.sessionId],
    ].map(([key, text]) => element("span", {}, key === "id" ? "" : `${t(key)}: `, element("span", { class: key === "id" || key === "session" ? "id" : "" }, text)));
    if (run.pauseReason) facts.push(element("span", { class: "doubt" }, t("paused", run.pauseReason)));
    if (run.omitted) facts.push(element("span", {}, t("omitted", run.omitted)));
    const text = facts.map((one) => one.textContent).join("|");
    if (this.headText === text) return;
    this.headText = text;
    this.facts.replaceChildren(...facts);
  }

  drawTimes(run, isOver) {
    const mark = JSON.stringify([isOver, run.attempts.length, run.attempts.map((one) => one.status).join()]);
    const isGrowing = run.attempts.some((one) => one.status === "running");
    if (run.attempts.length === 0 || (mark === this.timed && !isGrowing)) return;
    this.timed = mark;
    this.timePanel.hidden = false;
    const { svg, left } = timeline(run, { now: Date.now(), width: this.times.clientWidth || this.node.clientWidth });
    this.times.replaceChildren(...(left ? [element("p", { class: "small" }, t("left", left))] : []), svg);
  }

  /** The picture as an image: what is in one cannot run, ask, or reach the page. */
  async picture() {
    try {
      const svg = await api.graph(this.run, DARK.matches ? "dark" : "light");
      if (svg.length > LARGEST_PICTURE) throw new api.Refused(413, `${svg.length}`);
      this.image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
      this.image.alt = t("graphOf", this.found.workflowName);
      this.image.hidden = false;
      say(this.undrawn, "");
    } catch (problem) {
      this.image.hidden = true;
      say(this.undrawn, t("noGraph", problem.message));
    }
  }

  question(asked) {
    const comment = element("input", { type: "text", autocomplete: "off", name: "comment" });
    const answer = (approved) => this.told("approve", {
      step: asked.step, approved,
      ...(asked.item ? { item: asked.item } : {}),
      ...(comment.value ? { comment: comment.value } : {}),
    });
    const message = element("p", {});
    const shown = element("pre", { hidden: true });
    const node = element("form", { class: "question", "aria-label": t("asks"), onsubmit: (event) => {
      event.preventDefault();
      answer(true);
    } },
    element("h3", {}, `◇ ${t("asks")}`, asked.to ? ` · ${t("to", asked.to)}` : ""), message, shown,
    element("label", {}, element("span", {}, t("comment")), comment),
    element("div", { class: "actions" },
      element("button", { class: "main", type: "submit" }, t("approve")),
      element("button", { type: "button", onclick: () => answer(false) }, t("deny"))));
    return { node, update: (one) => {
      say(message, one.message);
      shown.hidden = one.show === undefined || one.show === null;
      say(shown, shown.hidden ? "" : valueText(one.show));
    } };
  }

  async cancelled() {
    if (await confirmed(t("cancelSure"), t("cancelYes"), t("cancelNo"))) await this.told("cancel");
  }

  async told(command, body = {}) {
    const done = await this.context.attempt(this.wrong, () => api.command(this.run, command, body));
    if (done === undefined) return;
    this.context.tell(t("sent"));
    this.context.look();
  }
}
