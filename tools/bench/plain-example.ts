import { ApiObject, App, Chart } from 'cdk8s';

const app = new App();
const chart = new Chart(app, 'plain');
new ApiObject(chart, 'object', { apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' } });
app.synth();
