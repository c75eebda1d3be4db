// Node-RED without its editor, on 127.0.0.1. The signature is over the raw bytes, so the parser keeps them.
const express = require("express");
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PEER_PORT),
  userDir: process.env.PEER_HOME,
  flowFile: process.env.PEER_FLOW,
  disableEditor: true,
  httpAdminRoot: false,
  credentialSecret: false,
  telemetry: { enabled: false },
  logging: { console: { level: "warn" } },
  functionGlobalContext: { crypto: require("crypto") },
  httpNodeMiddleware: express.json({ verify: (req, res, bytes) => { req.rawBody = bytes; } }),
};
