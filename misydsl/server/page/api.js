// The server, asked for JSON. A refusal is an error with the server's words; a missing token is asked for once.

export class Refused extends Error {
  constructor(status, detail, diagnostics = []) {
    super(detail);
    this.status = status;
    this.diagnostics = diagnostics;
  }
}

export const RUNS = "/api/v1/runs";
const ORCHESTRATOR = "/api/v1/orchestrator";
let asking = null;
let askForToken = () => Promise.reject(new Refused(401, "401"));

/** Who asks the person for the token: a function that returns a promise. */
export function tokenFrom(ask) {
  askForToken = ask;
}

/** The token, asked for by one dialog however many requests miss it. */
export function withToken() {
  asking ??= askForToken().finally(() => { asking = null; });
  return asking;
}

async function asked(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  if (answer.status === 401 && path !== "/api/v1/session") {
    await withToken();
    return asked(path, options);
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function refusal(answer) {
  try {
    const document = await answer.json();
    const detail = typeof document.detail === "string" ? document.detail : answer.statusText;
    return new Refused(answer.status, detail, Array.isArray(document.diagnostics) ? document.diagnostics : []);
  } catch {
    return new Refused(answer.status, `${answer.status} ${answer.statusText}`);
  }
}

async function get(path) {
  return (await asked(path)).json();
}

async function post(path, text, headers = {}) {
  const answer = await asked(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: text,
  });
  return answer.status === 204 ? null : answer.json();
}

const one = (run) => `${RUNS}/${encodeURIComponent(run)}`;

export const newest = (limit, status) =>
  get(`${RUNS}?limit=${limit}${status ? `&status=${encodeURIComponent(status)}` : ""}`);
export const detail = (run) => get(one(run));
export const graph = async (run, theme) => (await asked(`${one(run)}/graph.svg?theme=${theme}`)).text();
export const metrics = () => get(`${ORCHESTRATOR}/metrics`);
export const health = () => get(`${ORCHESTRATOR}/health`);
export const pipelines = () => get("/api/v1/pipelines");
export const command = (run, name, body = {}) => post(`${one(run)}/${name}`, JSON.stringify(body));
export const begin = (pipeline, params) => post(RUNS, JSON.stringify({ pipeline, params }));
export const beginWorkflow = (text) =>
  post(`${ORCHESTRATOR}/workflow`, text, { Prefer: "respond-async" });
export const session = (token) => post("/api/v1/session", JSON.stringify({ token }));
