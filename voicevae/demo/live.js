// The microphone to the server and back, in blocks of 20 ms over a socket: `element` is the tab's HTML.
const WORKLET = `
class Live extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round(sampleRate / 50));
    this.filled = 0;
    this.queue = [];
    this.place = 0;
    this.playing = false;
    this.port.onmessage = (message) => this.queue.push(message.data);
  }
  waiting() {
    return this.queue.reduce((sum, one) => sum + one.length, 0) - this.place;
  }
  process(inputs, outputs) {
    const recorded = inputs[0][0], played = outputs[0][0];
    if (recorded) for (const sample of recorded) {
      this.block[this.filled++] = sample;
      if (this.filled === this.block.length) {
        this.port.postMessage({ block: this.block.slice(), waiting: this.waiting() });
        this.filled = 0;
      }
    }
    // What is late is dropped, or the delay would grow.
    while (this.waiting() > 0.12 * sampleRate) { this.queue.shift(); this.place = 0; }
    if (!this.playing && this.waiting() > 0.04 * sampleRate) this.playing = true;
    for (let i = 0; i < played.length && this.playing; i++) {
      while (this.queue.length && this.place >= this.queue[0].length) { this.queue.shift(); this.place = 0; }
      if (!this.queue.length) { this.playing = false; break; }
      played[i] = this.queue[0][this.place++];
    }
    return true;
  }
}
registerProcessor("live", Live);`;
const button = element.querySelector("button"), said = element.querySelector("[role=status]");
const voice = element.querySelector("select"), sliders = [...element.querySelectorAll("input[type=range]")];
let context, socket, stream;

function wanted() {
  const edits = Object.fromEntries(sliders.map((one) => [one.name, Number(one.value)]));
  return { voice: voice.value || null, ...edits };
}

function change() {
  for (const one of sliders) one.nextElementSibling.textContent = one.value;
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wanted()));
}

function stop(sentence) {
  socket?.close();
  stream?.getTracks().forEach((one) => one.stop());
  context?.close();
  context = socket = stream = undefined;
  button.textContent = "Start";
  said.textContent = sentence;
}

async function start() {
  button.textContent = "Stop";
  said.textContent = "Connecting.";
  try {
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
    stream = await navigator.mediaDevices.getUserMedia({ audio });
    context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" })));
  } catch (error) {
    return stop(`The microphone cannot be used (${error.message}); allow it for this page, which must be local or https.`);
  }
  const node = new AudioWorkletNode(context, "live", { outputChannelCount: [1] });
  const rate = context.sampleRate;
  let engine, dropped = 0;
  socket = new WebSocket(new URL("voicevae/live", document.baseURI).href.replace(/^http/, "ws"));
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(JSON.stringify({ sample_rate: rate, format: "float32", ...wanted() }));
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return node.port.postMessage(new Float32Array(data));
    const told = JSON.parse(data);
    if (told.error) return stop(told.error);
    engine = told.latency_ms ?? engine;
    dropped = told.dropped_ms ?? dropped;
  };
  socket.onclose = () => socket && stop("The server ended it; start again.");
  node.port.onmessage = ({ data }) => {
    if (socket?.readyState !== WebSocket.OPEN || engine === undefined) return;
    socket.send(data.block);
    const card = 1000 * (context.baseLatency + (context.outputLatency || 0));
    const all = Math.round(20 + engine + (1000 * data.waiting) / rate + card);
    said.textContent = `${all} ms behind you, of which ${Math.round(engine)} the voice; ${Math.round(dropped)} ms dropped.`;
  };
  context.createMediaStreamSource(stream).connect(node).connect(context.destination);
}

button.addEventListener("click", () => (context ? stop("Stopped.") : start()));
voice.addEventListener("change", change);
sliders.forEach((one) => one.addEventListener("input", change));
