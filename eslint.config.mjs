// Generated from .projenrc.ts: edit there and run `npx projen`.
import stylistic from '@stylistic/eslint-plugin';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const resolver = createTypeScriptImportResolver({ project: 'tsconfig.dev.json' });
const config = [
  {
    "ignores": [
      "**/node_modules/",
      "lib/",
      "runtime/lib/",
      "**/dist/",
      ".cache/"
    ]
  },
  {
    "files": [
      "**/*.ts"
    ],
    "rules": {
      "max-lines": [
        "error",
        {
          "max": 500
        }
      ],
      "max-lines-per-function": [
        "error",
        {
          "max": 80
        }
      ],
      "max-params": [
        "error",
        4
      ],
      "prefer-const": "error",
      "eqeqeq": [
        "error",
        "always",
        {
          "null": "ignore"
        }
      ],
      "no-shadow": "off",
      "import-x/no-cycle": [
        "error",
        {
          "ignoreExternal": true
        }
      ],
      "import-x/no-restricted-paths": [
        "error",
        {
          "zones": [
            {
              "target": "./imports",
              "from": "./src",
              "message": "imports is the lowest layer of the library"
            },
            {
              "target": "./imports",
              "from": "./examples",
              "message": "imports is the lowest layer of the library"
            },
            {
              "target": "./imports",
              "from": "./test",
              "message": "imports is the lowest layer of the library"
            },
            {
              "target": "./imports",
              "from": "./runtime",
              "message": "imports is the lowest layer of the library"
            },
            {
              "target": "./src",
              "from": "./examples",
              "message": "the library knows neither its examples nor the runtime"
            },
            {
              "target": "./src",
              "from": "./test",
              "message": "the library knows neither its examples nor the runtime"
            },
            {
              "target": "./src",
              "from": "./runtime",
              "message": "the library knows neither its examples nor the runtime"
            },
            {
              "target": "./examples",
              "from": "./test",
              "message": "examples import the package cdk8s-istio"
            },
            {
              "target": "./examples",
              "from": "./runtime",
              "message": "examples import the package cdk8s-istio"
            },
            {
              "target": "./runtime/src",
              "from": "./src",
              "message": "the runtime shares src/sidecar.ts only",
              "except": [
                "./sidecar.ts",
                "./sidecar-probes.ts"
              ]
            },
            {
              "target": "./runtime/src",
              "from": "./examples",
              "message": "the runtime does not know the examples"
            },
            {
              "target": "./runtime/src",
              "from": "./test",
              "message": "the runtime does not know the examples"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/source",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/features",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/compile",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/xds",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/control",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/inject",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/agent",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/local",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/engine",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/cli",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/istio",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/kubernetes",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/model",
              "from": "./runtime/src/envoy",
              "message": "model imports nothing"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/compile",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/control",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/engine",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/cli",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/source",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/xds",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/ca",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/inject",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/agent",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/local",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/simulate",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/list-checker",
              "message": "model ← features ← compile"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/control",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/engine",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/cli",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/source",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/xds",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/ca",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/inject",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/agent",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/local",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/simulate",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/list-checker",
              "message": "compile sees features, model and the typed leaves only"
            },
            {
              "target": "./runtime/src/control",
              "from": "./runtime/src/engine",
              "message": "compile ← control ← engine"
            },
            {
              "target": "./runtime/src/control",
              "from": "./runtime/src/cli",
              "message": "compile ← control ← engine"
            },
            {
              "target": "./runtime/src/control",
              "from": "./runtime/src/local",
              "message": "compile ← control ← engine"
            },
            {
              "target": "./runtime/src/control",
              "from": "./runtime/src/agent",
              "message": "compile ← control ← engine"
            },
            {
              "target": "./runtime/src/engine",
              "from": "./runtime/src/cli",
              "message": "engine ← cli"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/source",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/list-checker",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/compile",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/features",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/control",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/engine",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/cli",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/source",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/xds",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/ca",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/inject",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/agent",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/local",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/simulate",
              "message": "source, xds, ca, inject, agent, local, simulate and list-checker do not know each other: control and engine join them"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/compile",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/features",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/control",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/engine",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/cli",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/source",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/xds",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/ca",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/inject",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/agent",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/local",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/simulate",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/istio",
              "from": "./runtime/src/list-checker",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/compile",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/features",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/control",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/engine",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/cli",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/source",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/xds",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/ca",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/inject",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/agent",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/local",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/simulate",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/gateway-api",
              "from": "./runtime/src/list-checker",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/compile",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/features",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/control",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/engine",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/cli",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/source",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/xds",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/ca",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/inject",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/agent",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/local",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/simulate",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/kubernetes",
              "from": "./runtime/src/list-checker",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/compile",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/features",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/control",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/engine",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/cli",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/source",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/xds",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/ca",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/inject",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/agent",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/local",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/simulate",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/envoy",
              "from": "./runtime/src/list-checker",
              "message": "leaves only decode and encode"
            },
            {
              "target": "./runtime/src/compile",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/features",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/xds",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/ca",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/inject",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/agent",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/local",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/simulate",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            },
            {
              "target": "./runtime/src/list-checker",
              "from": "./runtime/src/kubernetes/api",
              "message": "talking to an API server is for source and control; what is pure sees the kinds only"
            }
          ]
        }
      ],
      "import-x/no-duplicates": [
        "error",
        {
          "prefer-inline": false
        }
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        {
          "disallowTypeAnnotations": false
        }
      ],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          "argsIgnorePattern": "^_",
          "varsIgnorePattern": "^_",
          "ignoreRestSiblings": true
        }
      ],
      "@stylistic/semi": "error",
      "@stylistic/quotes": [
        "error",
        "single",
        {
          "avoidEscape": true,
          "allowTemplateLiterals": "always"
        }
      ],
      "@stylistic/comma-dangle": [
        "error",
        "always-multiline"
      ],
      "@stylistic/indent": [
        "error",
        2,
        {
          "SwitchCase": 1
        }
      ],
      "@stylistic/max-len": [
        "error",
        {
          "code": 180,
          "ignoreStrings": true,
          "ignoreTemplateLiterals": true,
          "ignoreRegExpLiterals": true
        }
      ],
      "@stylistic/eol-last": "error",
      "@stylistic/no-trailing-spaces": "error",
      "@stylistic/no-multiple-empty-lines": [
        "error",
        {
          "max": 1
        }
      ]
    }
  },
  {
    "files": [
      "**/test/**/*.ts"
    ],
    "rules": {
      "max-lines-per-function": "off"
    }
  },
  {
    "files": [
      "examples/**/*.ts"
    ],
    "rules": {
      "no-restricted-imports": [
        "error",
        {
          "patterns": [
            {
              "regex": "\\.\\./(src|imports)(/|$)",
              "message": "examples import the package cdk8s-istio"
            }
          ]
        }
      ]
    }
  },
  {
    "files": [
      "runtime/src/**/*.ts"
    ],
    "rules": {
      "no-restricted-imports": [
        "error",
        {
          "patterns": [
            {
              "regex": "imports/(istio|gateway-api)/(?!.*\\.types$)",
              "message": "the runtime takes the types of imports only: the classes import cdk8s"
            }
          ]
        }
      ]
    }
  },
  {
    "files": [
      "runtime/src/features/*/read*.ts"
    ],
    "rules": {
      "no-restricted-imports": [
        "error",
        {
          "patterns": [
            {
              "regex": "/envoy(/|$)",
              "message": "read never sees envoy"
            }
          ]
        }
      ]
    }
  },
  {
    "files": [
      "runtime/src/features/*/emit*.ts"
    ],
    "rules": {
      "no-restricted-imports": [
        "error",
        {
          "patterns": [
            {
              "regex": "/(istio|gateway-api|kubernetes)(/|$)",
              "message": "emit never sees istio, gateway-api or kubernetes"
            }
          ]
        }
      ]
    }
  },
  {
    "files": [
      "runtime/src/features/*/model*.ts"
    ],
    "rules": {
      "no-restricted-imports": [
        "error",
        {
          "patterns": [
            {
              "regex": "^\\.\\./(?!\\.)",
              "message": "rooms never import rooms"
            }
          ]
        }
      ]
    }
  },
  {
    "files": [
      "imports/istio/*.ts",
      "imports/gateway-api/*.ts",
      "imports/checks/{istio,gateway-api}/*.ts",
      "imports/checks/kinds.ts",
      "runtime/src/envoy/types/**/*.ts",
      "runtime/src/envoy/descriptor*.ts"
    ],
    "rules": {
      "max-lines": "off",
      "max-lines-per-function": "off",
      "@stylistic/max-len": "off",
      "@stylistic/quotes": "off"
    }
  }
];

const plugins = { '@typescript-eslint': tseslint.plugin, '@stylistic': stylistic, 'import-x': importX };
const shared = {
  files: ['**/*.ts'],
  plugins,
  languageOptions: { parser: tseslint.parser },
  settings: { 'import-x/resolver-next': [resolver], 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] } },
};
export default [shared, ...config];