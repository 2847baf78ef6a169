// What happens in a page while a reply is shown; it runs before the page's own scripts.
// Everything is timed by performance.now(), which `origin` places on the clock of the day.
(() => {
  const probe = { region: "", messages: 0, bytes: 0, long: [], frames: [] };
  window.sideProbe = probe;
  let counting = false;
  let known = 0;
  let next = 0;

  // Changes, also inside of shadow roots.
  const watch = { subtree: true, childList: true, characterData: true };
  const observer = new MutationObserver((records) => {
    if (!counting) return;
    const now = performance.now();
    probe.settled = now;
    const reply = records.map((record) => replyAround(record.target)).find(Boolean);
    if (!reply) return;
    probe.last = now;
    const length = reply.textContent.length;
    if (length !== known) probe.whole = now;
    known = length;
  });
  observer.observe(document, watch);
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    observer.observe(root, watch);
    roots.push(new WeakRef(root));
    return root;
  };
  const roots = [];

  // The reply that a node is in: as its element, or as the shadow root in which it is shown.
  function replyAround(node) {
    for (let at = node; at; at = at.getRootNode().host) {
      const element = at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement;
      const reply = element?.closest(probe.region);
      if (reply) return at === node ? reply : node.getRootNode();
    }
    return null;
  }

  // What the server sends: websockets, event streams and streamed responses.
  function count(data) {
    if (!counting) return;
    probe.messages += 1;
    probe.bytes += data.byteLength ?? data.size ?? data.length;
  }
  for (const name of ["WebSocket", "EventSource"]) {
    window[name] = class extends window[name] {
      constructor(...given) {
        super(...given);
        this.addEventListener("message", (event) => count(event.data));
      }
    };
  }
  const read = ReadableStreamDefaultReader.prototype.read;
  ReadableStreamDefaultReader.prototype.read = function () {
    return read.call(this).then((result) => {
      const { value } = result;
      // Text is a line of an event stream that the page has decoded on its way.
      if (value instanceof Uint8Array || (value && typeof value === "string")) count(value);
      return result;
    });
  };

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) probe.long.push([entry.startTime, entry.duration]);
  }).observe({ type: "longtask" });

  function frame(at) {
    probe.frames.push(at);
    if (counting) next = requestAnimationFrame(frame);
  }

  probe.begin = (region) => {
    Object.assign(probe, { region, last: 0, whole: 0, settled: 0, messages: 0, bytes: 0 });
    probe.long.length = 0;
    probe.frames.length = 0;
    counting = true;
    cancelAnimationFrame(next);
    next = requestAnimationFrame(frame);
  };
  probe.end = () => {
    counting = false;
  };

  // The words of the last reply, whatever trees it is made of.
  probe.words = (selector) => {
    const found = all(document, selector);
    for (const ref of roots) {
      const root = ref.deref();
      if (root?.host.isConnected) found.push(...all(root, selector));
    }
    const replies = found.filter((node) => !found.some((other) => other !== node && other.contains(node)));
    return replies.length ? text(replies[replies.length - 1]) : null;
  };
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  function text(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return "";
    if (["STYLE", "SCRIPT", "BUTTON", "SVG", "svg"].includes(node.nodeName)) return "";
    const children = node.assignedNodes?.().length ? node.assignedNodes() : (node.shadowRoot ?? node).childNodes;
    const block = node.nodeType === Node.ELEMENT_NODE && getComputedStyle(node).display !== "inline";
    return [...children].map(text).join("") + (block ? "\n" : "");
  }
})();
