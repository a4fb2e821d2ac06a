#!/usr/bin/env node
import { existsSync } from "node:fs";

// What is published has all modules in a few files beside themselves, and starts in a third of the time.
const bundle = new URL("../dist/bundle/main.js", import.meta.url);
await import(existsSync(bundle) ? bundle.href : "../dist/main.js");
