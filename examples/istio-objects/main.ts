import { App, Chart, JsonPatch } from 'cdk8s';
import { Gateway, Mesh, MeshService, istio } from 'cdk8s-istio';

const app = new App();
const chart = new Chart(app, 'istio-objects', { namespace: 'istio-objects' });
const mesh = new Mesh(chart, 'mesh');

const web = new MeshService(mesh, 'web', { port: 8080, versions: { v1: { image: 'example/web:1' } } });
const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });
edge.route(web);

// Any object of Istio can stand beside constructs, typed and checked: here a page for a host that the gateway gets by a patch.
edge.gateway.addJsonPatch(JsonPatch.add('/spec/servers/0/hosts/-', 'status.example.com'));
new istio.VirtualService(chart, 'status', {
  metadata: { name: 'status' },
  spec: { hosts: ['status.example.com'], gateways: ['edge'], http: [{ directResponse: { status: 200, body: { string: 'all is well\n' } } }] },
});

// And what no construct knows: a filter in the gateway's Envoy.
new istio.EnvoyFilter(chart, 'greeting', {
  metadata: { name: 'greeting' },
  spec: {
    workloadSelector: { labels: { istio: edge.name } },
    configPatches: [{
      applyTo: 'HTTP_FILTER',
      match: { context: 'GATEWAY', listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager', subFilter: { name: 'envoy.filters.http.router' } } } } },
      patch: {
        operation: 'INSERT_BEFORE',
        value: {
          name: 'greeting',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
            'default_source_code': { inline_string: 'function envoy_on_response(handle) handle:headers():add("x-greeting", "hello") end' },
          },
        },
      },
    }],
  },
});

app.synth();
