"use strict";
// The terminal's script connects when the page is loaded, to the address that its element names. It does so here once
// the font is there, by which it measures a cell, and with the token that stands in the page's own address.
(() => {
  const socket = new URL("socket", window.location.href);
  socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";
  document.getElementById("terminal").dataset.sessionWebsocketUrl = socket.href;
  document.querySelector("#ended button").addEventListener("click", () => window.location.reload());

  // What the monitor says beside its screen: the window's title, in messages that the terminal's script does not know.
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        if (typeof event.data !== "string") return;
        const [kind, text] = JSON.parse(event.data);
        if (kind === "title") document.title = text;
      });
    }
  };

  const script = document.createElement("script");
  script.src = "static/js/textual.js";
  script.addEventListener("load", async () => {
    const begin = window.onload;
    window.onload = null;
    try {
      await Promise.all(["", "bold ", "italic "].map((style) => document.fonts.load(`${style}14px "Roboto Mono"`)));
    } finally {
      begin();
    }
    document.querySelector(".xterm-helper-textarea").focus(); // keys work without a click
  });
  document.head.append(script);
})();
