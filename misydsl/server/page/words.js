// Every word of the page, in English and Spanish, and how numbers and times are told. Chosen by the browser, or by a person.

const WORDS = {
  en: {
    title: "MisyDSL · orchestrator", skip: "Skip to the content", language: "Español", home: "Runs",
    live: "live", notLive: "not connected; asking every few seconds",
    healthy: "Agents: {0} of {1} answer", noAgents: "No agents", unhealthy: "do not answer: {0}",
    executed: "Runs that ended", rate: "Succeeded", average: "Average time", open: "At work now",
    runs: "Runs", status: "Status", all: "All", progress: "Progress", pipeline: "Pipeline", session: "Session",
    begun: "Begun", duration: "Time", none: "No runs yet.", noneOf: "No runs with this status.", more: "Show more",
    agents: "Agents", agent: "Agent", calls: "Calls", success: "Success", latency: "Average reply", errors: "Errors",
    lastCall: "Last call", noCalls: "No agent was called yet.",
    start: "Start a run", choose: "Pipeline of the project", startIt: "Start", paste: "Or a workflow in JSON",
    startWorkflow: "Start workflow", noPipelines: "The project in this folder has no pipelines.", required: "required",
    unset: "(as in the file)", yes: "yes", no: "no",
    problems: "{0} problems in the project's files", notJson: "This is no JSON: {0}",
    back: "All runs", cancel: "Cancel", resume: "Resume", cancelSure: "Cancel this run for good?",
    cancelYes: "Cancel the run", cancelNo: "Keep it running", asks: "Waiting for an answer", approve: "Approve", deny: "Deny",
    comment: "Comment", to: "for {0}", graph: "Graph", graphOf: "The steps of {0}, coloured as they stand",
    noGraph: "It cannot be drawn: {0}", timeline: "Timeline", timelineOf: "When each attempt was at work", steps: "Steps",
    attempts: "{0} attempts", oneAttempt: "1 attempt", attempt: "Attempt {0}", waited: "waited {0}", reused: "taken from {0}",
    items: "{0} of {1} items", noSteps: "No step has begun.", result: "Result", omitted: "{0} rows are not shown.",
    paused: "Paused: {0}", left: "{0} earlier attempts are not drawn.", onlyTrouble: "Only what went wrong",
    said: "{0}: {1}", failed: "The server said no: {0}", unreachable: "The server cannot be reached.", unknownRun: "There is no such run.",
    token: "This server asks for its token.", tokenField: "Token", enter: "Enter", wrongToken: "That is not the token.",
    line: "line {0}", sent: "Sent.", allFine: "Nothing went wrong.", details: "Details",
  },
  es: {
    title: "MisyDSL · orquestador", skip: "Saltar al contenido", language: "English", home: "Ejecuciones",
    live: "en vivo", notLive: "sin conexión; se pregunta cada pocos segundos",
    healthy: "Agentes: responden {0} de {1}", noAgents: "Sin agentes", unhealthy: "no responden: {0}",
    executed: "Ejecuciones terminadas", rate: "Con éxito", average: "Tiempo medio", open: "En marcha ahora",
    runs: "Ejecuciones", status: "Estado", all: "Todas", progress: "Progreso", pipeline: "Pipeline", session: "Sesión",
    begun: "Inicio", duration: "Tiempo", none: "Todavía no hay ejecuciones.", noneOf: "No hay ejecuciones en este estado.",
    more: "Mostrar más",
    agents: "Agentes", agent: "Agente", calls: "Llamadas", success: "Éxito", latency: "Respuesta media", errors: "Errores",
    lastCall: "Última llamada", noCalls: "Todavía no se ha llamado a ningún agente.",
    start: "Iniciar una ejecución", choose: "Pipeline del proyecto", startIt: "Iniciar", paste: "O un flujo de trabajo en JSON",
    startWorkflow: "Iniciar flujo", noPipelines: "El proyecto de esta carpeta no tiene pipelines.", required: "obligatorio",
    unset: "(como en el archivo)", yes: "sí", no: "no",
    problems: "{0} problemas en los archivos del proyecto", notJson: "Esto no es JSON: {0}",
    back: "Todas las ejecuciones", cancel: "Cancelar", resume: "Reanudar", cancelSure: "¿Cancelar esta ejecución para siempre?",
    cancelYes: "Cancelar la ejecución", cancelNo: "Dejar que siga", asks: "Espera una respuesta", approve: "Aprobar", deny: "Rechazar",
    comment: "Comentario", to: "para {0}", graph: "Grafo", graphOf: "Los pasos de {0}, con el color de su estado",
    noGraph: "No se puede dibujar: {0}", timeline: "Cronología", timelineOf: "Cuándo trabajó cada intento", steps: "Pasos",
    attempts: "{0} intentos", oneAttempt: "1 intento", attempt: "Intento {0}", waited: "esperó {0}", reused: "tomado de {0}",
    items: "{0} de {1} elementos", noSteps: "Ningún paso ha empezado.", result: "Resultado", omitted: "{0} filas no se muestran.",
    paused: "En pausa: {0}", left: "{0} intentos anteriores no se dibujan.", onlyTrouble: "Solo lo que falló",
    said: "{0}: {1}", failed: "El servidor dijo que no: {0}", unreachable: "No se puede contactar con el servidor.",
    unknownRun: "No existe esa ejecución.",
    token: "Este servidor pide su token.", tokenField: "Token", enter: "Entrar", wrongToken: "Ese no es el token.",
    line: "línea {0}", sent: "Enviado.", allFine: "Nada ha fallado.", details: "Detalles",
  },
};

const STATUSES = {
  en: {
    accepted: "accepted", running: "running", paused: "paused", succeeded: "succeeded", failed: "failed",
    cancelled: "cancelled", waiting: "waiting", retrying: "retrying", asking: "asking", skipped: "skipped",
    blocked: "blocked", partial: "partial",
  },
  es: {
    accepted: "aceptada", running: "en marcha", paused: "en pausa", succeeded: "con éxito", failed: "falló",
    cancelled: "se canceló", waiting: "en espera", retrying: "reintentando", asking: "pregunta", skipped: "omitido",
    blocked: "bloqueado", partial: "parcial",
  },
};

// The same signs as on boards and in pictures, so that colour is never the only one.
const SIGNS = {
  accepted: "○", waiting: "○", running: "●", retrying: "↻", asking: "◇", paused: "◇", succeeded: "✓",
  skipped: "↷", failed: "✗", blocked: "⊘", cancelled: "■", partial: "◐",
};

const KEPT = "misy-language";
let language = chosen();

function chosen() {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept in WORDS) return kept;
  } catch {
    // a browser that keeps nothing: its own language, then
  }
  const found = (navigator.languages ?? [navigator.language]).map((one) => one.slice(0, 2).toLowerCase());
  return found.find((one) => one in WORDS) ?? "en";
}

/** The language, as BCP 47. */
export function current() {
  return language;
}

/** Speak the other one, and keep to it. */
export function switchLanguage() {
  language = language === "en" ? "es" : "en";
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // then it is asked for again the next time
  }
}

/** The words for a key, with what belongs into them. */
export function t(key, ...values) {
  return WORDS[language][key].replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)]));
}

/** A status with its sign. */
export function statusWord(status) {
  const word = Object.hasOwn(STATUSES[language], status) ? STATUSES[language][status] : status;
  return Object.hasOwn(SIGNS, status) ? `${SIGNS[status]} ${word}` : word;
}

/** Milliseconds for people. */
export function duration(milliseconds) {
  if (milliseconds === undefined || milliseconds === null) return "–";
  const seconds = milliseconds / 1000;
  if (milliseconds < 999.5) return `${number(milliseconds, milliseconds < 10 ? 1 : 0)} ms`;
  if (seconds < 60) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function number(value, digits = 0) {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}

export function percent(value) {
  return `${number(value, 1)} %`;
}

/** A time of today as a time, another with its date. */
export function moment(iso) {
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime())) return "–";
  const time = at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? time : `${at.toLocaleDateString(language, { day: "numeric", month: "short" })} ${time}`;
}
