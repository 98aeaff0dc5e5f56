// Panels over time: a picture or a waveform, a curve over it, and points of the curve that can be dragged.
// `props.value` is what voicevae/demo/figures.py makes; a drag puts the moved points there and triggers "input".
const canvas = element.querySelector("canvas");
const LEFT = 34, RIGHT = 48, TOP = 24, GAP = 14, BOTTOM = 34, NEAR = 16, LINE = 12;
const pictures = new Map();
let held = null;

const colour = (name, other) => getComputedStyle(element).getPropertyValue(name).trim() || other;
const panels = () => props.value?.panels ?? [];
const seconds = () => props.value?.seconds || 1;
const width = () => Math.max(element.clientWidth, 240);
const inner = () => width() - LEFT - RIGHT;
const top_of = (i) => panels().slice(0, i).reduce((sum, panel) => sum + panel.height + TOP + GAP, TOP);
const total = () => top_of(panels().length) - TOP + BOTTOM - GAP;
const x_of = (s) => LEFT + (s / seconds()) * inner();
const share = (curve, value) => curve.log
  ? Math.log(value / curve.low) / Math.log(curve.high / curve.low)
  : (value - curve.low) / (curve.high - curve.low);
const y_of = (i, value) => top_of(i) + panels()[i].height * (1 - share(panels()[i].curve, value));
const value_at = (i, y) => {
  const panel = panels()[i], curve = panel.curve;
  const up = Math.min(Math.max(1 - (y - top_of(i)) / panel.height, 0), 1);
  return curve.log ? curve.low * (curve.high / curve.low) ** up : curve.low + up * (curve.high - curve.low);
};

function picture(source) {
  if (!pictures.has(source)) {
    if (pictures.size > 12) pictures.clear();
    const image = new Image();
    image.onload = draw;
    image.src = source;
    pictures.set(source, image);
  }
  return pictures.get(source);
}

function draw() {
  const context = canvas.getContext("2d"), scale = window.devicePixelRatio || 1;
  canvas.style.display = panels().length ? "block" : "none";
  canvas.style.width = `${width()}px`;
  canvas.style.height = `${total()}px`;
  canvas.width = Math.round(width() * scale);
  canvas.height = Math.round(total() * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width(), total());
  context.lineJoin = "round";
  panels().forEach((panel, i) => draw_panel(context, panel, i));
  draw_seconds(context);
}

function text(context, words, x, y, align = "left", weight = "") {
  context.font = `${weight} 11px system-ui, sans-serif`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillStyle = colour("--body-text-color", "#222");
  context.fillText(words, x, y);
}

function apart(labels) {  // those that a line of text fits between
  let last = Infinity;
  return labels.filter(([y]) => { const fits = Math.abs(last - y) >= LINE; if (fits) last = y; return fits; });
}

function draw_panel(context, panel, i) {
  const top = top_of(i), right = x_of(panel.seconds);
  text(context, panel.title, LEFT, top - 12, "left", "600");
  const taken = LEFT + context.measureText(panel.title).width + 12;
  context.font = "11px system-ui, sans-serif";
  if (panel.facts && taken + context.measureText(panel.facts).width < width() - RIGHT)
    text(context, panel.facts, width() - RIGHT, top - 12, "right");
  context.fillStyle = colour("--background-fill-secondary", "#eee");
  context.fillRect(LEFT, top, inner(), panel.height);
  if (panel.image) {
    const image = picture(panel.image);
    context.imageSmoothingEnabled = panel.smooth;
    if (image.complete && image.naturalWidth) context.drawImage(image, LEFT, top, right - LEFT, panel.height);
  }
  if (panel.wave) draw_wave(context, panel, top);
  const ticks = (panel.ticks ?? []).map(([at, words]) => [top + panel.height * (1 - at), words]);
  for (const [y, words] of apart(ticks)) text(context, words, LEFT - 5, y, "right");
  if (panel.curve) draw_curve(context, panel, i);
  context.strokeStyle = colour("--border-color-primary", "#ccc");
  context.lineWidth = 1;
  context.strokeRect(LEFT + 0.5, top + 0.5, inner() - 1, panel.height - 1);
  (panel.points ?? []).forEach(([s, value], k) => draw_point(context, i, k, s, value));
}

function draw_wave(context, panel, top) {
  const middle = top + panel.height / 2, step = inner() * (panel.seconds / seconds()) / panel.wave.length;
  context.fillStyle = colour("--neutral-400", "#999");
  panel.wave.forEach((peak, k) => {
    const half = Math.max(peak * panel.height / 2, 0.5);
    context.fillRect(LEFT + k * step, middle - half, Math.max(step, 0.7), 2 * half);
  });
}

function draw_curve(context, panel, i) {
  const curve = panel.curve, top = top_of(i);
  const marks = (curve.marks ?? []).map(([value, words, dashed]) => [y_of(i, value), words, dashed]);
  for (const [y, words] of apart(marks)) text(context, words, width() - RIGHT + 5, y);
  for (const [y, , dashed] of marks) {
    if (!dashed) continue;
    context.strokeStyle = "#e0563b";
    context.lineWidth = 1;
    context.setLineDash([4, 4]);
    context.beginPath(); context.moveTo(LEFT, y); context.lineTo(width() - RIGHT, y); context.stroke();
    context.setLineDash([]);
  }
  context.save();
  context.beginPath(); context.rect(LEFT, top, inner(), panel.height); context.clip();
  const line = new Path2D();
  let down = false;
  curve.values.forEach((value, k) => {
    if (value === null) { down = false; return; }
    const x = x_of(k / curve.rate), y = y_of(i, value);
    down ? line.lineTo(x, y) : line.moveTo(x, y);
    down = true;
  });
  if (panel.image) { context.strokeStyle = "#000b"; context.lineWidth = 4; context.stroke(line); }
  context.strokeStyle = panel.image ? "#40e8ff" : colour("--primary-600", "#06c");
  context.lineWidth = panel.image ? 2 : 1.6;
  context.stroke(line);
  context.restore();
}

function draw_point(context, i, k, s, value) {
  const at = held && held.panel === i && held.point === k;
  context.beginPath();
  context.arc(x_of(s), y_of(i, value), at ? 7 : 5, 0, 2 * Math.PI);
  context.fillStyle = at ? "#ffd34d" : "#fff";
  context.strokeStyle = "#000";
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  if (!at) return;
  const change = 12 * Math.log2(value / held.from);
  const words = `${value.toFixed(0)} Hz (${change >= 0 ? "+" : ""}${change.toFixed(1)} semitones)`;
  const x = Math.min(Math.max(x_of(s), LEFT + 70), width() - RIGHT - 70);
  const y = y_of(i, value) - top_of(i) > 26 ? y_of(i, value) - 18 : y_of(i, value) + 18;
  context.fillStyle = "#000c";
  context.fillRect(x - 68, y - 9, 136, 18);
  text(context, words, x, y, "center");
  context.fillStyle = "#fff";
  context.fillText(words, x, y);
}

function draw_seconds(context) {
  if (!panels().length) return;
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
  const step = steps.find((s) => x_of(s) - x_of(0) > 44) ?? 1200;
  const y = total() - BOTTOM + 10;
  for (let s = 0; s <= seconds() + 1e-6; s += step) text(context, `${+s.toFixed(1)}`, x_of(s), y, "center");
  text(context, "time (s)", LEFT + inner() / 2, y + 15, "center");
}

function nearest(x, y) {
  let best = null, distance = NEAR;
  panels().forEach((panel, i) => (panel.points ?? []).forEach(([s, value], k) => {
    const d = Math.hypot(x_of(s) - x, y_of(i, value) - y);
    if (d < distance) { distance = d; best = { panel: i, point: k, from: value, value }; }
  }));
  return best;
}

const where = (event) => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
canvas.addEventListener("pointerdown", (event) => {
  held = nearest(...where(event));
  if (!held) return;
  canvas.setPointerCapture(event.pointerId);
  draw();
});
canvas.addEventListener("touchstart", (event) => {
  if (nearest(...where(event.touches[0]))) event.preventDefault();  // drag the point and not the page
}, { passive: false });
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = where(event);
  canvas.style.cursor = held || nearest(x, y) ? "ns-resize" : "default";
  if (!held) return;
  panels()[held.panel].points[held.point][1] = value_at(held.panel, y);
  held.moved = true;
  draw();
});
const drop = () => {
  const moved = held?.moved;
  held = null;
  draw();
  if (!moved) return;
  props.value = JSON.parse(JSON.stringify(props.value));
  trigger("input");
};
canvas.addEventListener("pointerup", drop);
canvas.addEventListener("pointercancel", drop);
watch("value", draw);
new ResizeObserver(draw).observe(element);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
draw();
