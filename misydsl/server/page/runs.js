// The newest runs, one a row, as far as they are.

import * as api from "./api.js";
import { element, Rows, say } from "./elements.js";
import { duration, moment, statusWord, t } from "./words.js";

const FIRST = 50;
const MOST = 1_000;
const STATUSES = ["accepted", "running", "paused", "succeeded", "failed", "cancelled"];
let kept = { limit: FIRST, status: "" }; // stays while a person looks at a run and comes back

export class RunsView {
  constructor(context) {
    this.context = context;
    this.isLively = false;
    this.status = element("select", { id: "status", onchange: () => this.choose({ limit: FIRST, status: this.status.value }) },
      element("option", { value: "" }, t("all")),
      ...STATUSES.map((one) => element("option", { value: one }, statusWord(one))));
    this.status.value = kept.status;
    this.body = element("tbody", { role: "rowgroup" });
    this.rows = new Rows(this.body, { key: (run) => run.id, make: runRow });
    this.empty = element("p", { class: "small", hidden: true });
    this.more = element("button", { hidden: true, onclick: () =>
      this.choose({ ...kept, limit: Math.min(MOST, kept.limit * 4) }) }, t("more"));
    const column = (key, kind) => element("th", { scope: "col", role: "columnheader", class: kind }, t(key));
    // Roles are said, because on a phone rows are laid out as cards, and then a browser forgets them.
    this.table = element("table", { class: "cards", role: "table", hidden: true },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, column("pipeline"), column("status"), column("progress"),
        column("begun", "wide"), column("duration", "number"), column("session", "wide session"))),
      this.body);
    this.node = element("section", { class: "panel", id: "runs", "aria-labelledby": "runs-title" },
      element("div", { class: "heading" },
        element("h2", { id: "runs-title" }, t("runs")), element("span", { class: "grow" }),
        element("label", {}, element("span", {}, t("status")), this.status)),
      this.empty, this.table, this.more);
  }

  cares() {
    return true;
  }

  choose(chosen) {
    kept = chosen;
    this.context.look();
  }

  async look() {
    const { limit, status } = kept;
    const { runs } = await api.newest(limit, status);
    if (limit !== kept.limit || status !== kept.status) return; // a person chose something else meanwhile
    this.isLively = runs.some((run) => run.finishedAt === undefined && run.status !== "paused");
    say(this.empty, t(status ? "noneOf" : "none"));
    this.empty.hidden = runs.length > 0;
    this.table.hidden = runs.length === 0;
    this.more.hidden = runs.length < limit || limit >= MOST;
    this.rows.show(runs);
  }
}

/** What a run is called by its status; one that ended well in part says so, and one at work that waits for a person. */
export function standing(run) {
  if (run.status === "running" && run.asking > 0) return "asking";
  return run.outcome === "partial" ? "partial" : run.status;
}

function runRow(run) {
  const link = element("a", { href: `#/run/${encodeURIComponent(run.id)}` }, run.workflowName || run.id);
  const badge = element("span");
  const bar = element("progress", { "aria-hidden": "true" });
  const count = element("span");
  const cell = (kind, ...inside) => element("td", { role: "cell", class: kind }, ...inside);
  const begun = cell("wide one-line");
  const time = cell("number");
  const node = element("tr", { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, link, element("span", { class: "id" }, run.id)),
    cell(null, badge),
    cell(null, element("span", { class: "share" }, bar, count)),
    begun, time, cell("wide session", element("span", { class: "id" }, run.sessionId)));
  return { node, update: (one) => {
    badge.className = `badge ${standing(one)}`;
    say(badge, statusWord(standing(one)));
    bar.max = Math.max(1, one.steps.total);
    bar.value = one.steps.done;
    say(count, `${one.steps.done}/${one.steps.total}${one.steps.failed ? ` · ✗ ${one.steps.failed}` : ""}`);
    say(begun, moment(one.startedAt ?? one.acceptedAt));
    say(time, duration(one.duration));
  } };
}
