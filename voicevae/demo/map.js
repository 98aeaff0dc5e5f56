// Voices as dots; a click puts a dot's name into `props.value.chosen` and triggers "input".
const canvas = element.querySelector("canvas");
const MARGIN = 18, KEY = 22, NEAR = 18;
const COLOURS = {
  "female, by a seed": "#f97316", "male, by a seed": "#3b82f6", "sample voices": "#16a34a", "blends": "#a855f7",
  "found by ear": "#eab308",
};
let over = null;

const dots = () => props.value?.dots ?? [];
const colour = (name, other) => getComputedStyle(element).getPropertyValue(name).trim() || other;
const width = () => Math.max(element.clientWidth, 240);
const height = () => Math.min(Math.round(width() * 0.72), 420) + KEY;

function place(dot) {
  const xs = dots().map((d) => d.x), ys = dots().map((d) => d.y);
  const span = (values, value, size) => {
    const low = Math.min(...values), high = Math.max(...values);
    return MARGIN + ((value - low) / (high - low || 1)) * (size - 2 * MARGIN);
  };
  return [span(xs, dot.x, width()), height() - KEY - span(ys, dot.y, height() - KEY)];
}

function draw() {
  const context = canvas.getContext("2d"), scale = window.devicePixelRatio || 1;
  canvas.style.display = dots().length ? "block" : "none";
  canvas.style.width = `${width()}px`;
  canvas.style.height = `${height()}px`;
  canvas.width = Math.round(width() * scale);
  canvas.height = Math.round(height() * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width(), height());
  context.fillStyle = colour("--background-fill-secondary", "#eee");
  context.fillRect(0, 0, width(), height() - KEY);
  const last = (dot) => (dot.name === props.value.chosen ? 1 : 0);
  [...dots()].sort((a, b) => last(a) - last(b)).forEach((dot) => draw_dot(context, dot));
  draw_key(context);
  const named = dots().find((dot) => dot.name === over) ?? dots().find((dot) => dot.name === props.value.chosen);
  if (named) draw_name(context, named);
}

function draw_dot(context, dot) {
  const [x, y] = place(dot), chosen = dot.name === props.value.chosen;
  context.beginPath();
  context.arc(x, y, chosen ? 9 : 6, 0, 2 * Math.PI);
  context.fillStyle = COLOURS[dot.kind] ?? "#888";
  context.globalAlpha = chosen ? 1 : 0.8;
  context.fill();
  context.globalAlpha = 1;
  if (!chosen && dot.name !== over) return;
  context.strokeStyle = colour("--body-text-color", "#222");
  context.lineWidth = 2;
  context.stroke();
}

function draw_key(context) {
  const kinds = Object.keys(COLOURS).filter((kind) => dots().some((dot) => dot.kind === kind));
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  let x = 2;
  for (const kind of kinds) {
    context.fillStyle = COLOURS[kind];
    context.beginPath(); context.arc(x + 5, height() - 9, 5, 0, 2 * Math.PI); context.fill();
    context.fillStyle = colour("--body-text-color", "#222");
    context.fillText(kind, x + 14, height() - 9);
    x += 14 + context.measureText(kind).width + 12;
  }
}

function draw_name(context, dot) {
  const [x, y] = place(dot);
  context.font = "12px system-ui, sans-serif";
  const long = context.measureText(dot.name).width + 12;
  const left = Math.min(Math.max(x - long / 2, 2), Math.max(width() - long - 2, 2)), top = y > 40 ? y - 32 : y + 14;
  context.fillStyle = "#000d";
  context.fillRect(left, top, long, 20);
  context.fillStyle = "#fff";
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(dot.name, left + 6, top + 10);
}

function nearest(event) {
  const box = canvas.getBoundingClientRect();
  let best = null, distance = NEAR;
  for (const dot of dots()) {
    const [x, y] = place(dot), d = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top);
    if (d < distance) { distance = d; best = dot.name; }
  }
  return best;
}

canvas.addEventListener("pointermove", (event) => {
  const now = nearest(event);
  canvas.style.cursor = now ? "pointer" : "default";
  if (now !== over) { over = now; draw(); }
});
canvas.addEventListener("pointerleave", () => { over = null; draw(); });
canvas.addEventListener("click", (event) => {
  const chosen = nearest(event);
  if (!chosen) return;
  props.value = { ...props.value, chosen };
  draw();
  trigger("input");
});
watch("value", draw);
new ResizeObserver(draw).observe(element);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
draw();
