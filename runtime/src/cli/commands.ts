import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import { Failure } from './failure';

const FILES = 'YAML files, folders of them, or folders of cdk8s projects';

/** Runs what the command line says; gives the exit code: 0, 1 (it did not go well), 2 (it cannot be done as it is written). */
export async function runCommand(argv: readonly string[]): Promise<number> {
  let code = 0;
  const done = (run: () => Promise<number>) => async () => { code = await run(); };
  const program = createProgram(done);
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof Failure) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.code;
  }
  throw error;
}

type Done = (run: () => Promise<number>) => () => Promise<void>;

function createProgram(done: Done): Command {
  const program = new Command('mesh').description('Runs service meshes written for Istio: on this machine, with real Envoys.');
  program.enablePositionalOptions().exitOverride().configureHelp({ showGlobalOptions: true }).showHelpAfterError('(mesh --help tells what there is)');
  addUp(program, done);
  addExec(program, done);
  addLogs(program, done);
  addStatus(program, done);
  addConfig(program, done);
  addInject(program, done);
  addFields(program, done);
  addEnvoy(program, done);
  addControl(program, done);
  addToken(program, done);
  addMachine(program, done);
  addListChecker(program, done);
  return program;
}

function addUp(program: Command, done: Done): void {
  const command = program.command('up').argument('[files...]', FILES, ['.'])
    .description('bring a mesh up on this machine, until Ctrl-C')
    .option('--watch', 'follow changes of the files while the mesh runs')
    .option('--check <file>', 'run the checks of the file, then end')
    .option('--port <number>', 'localhost port for the first gateway; the next free one is taken', port, 8080)
    .option('--offline', 'reach nothing outside; hosts that the checks name are stood in for')
    .option('--no-inject', 'give no pod a sidecar that does not have one')
    .option('--cacerts <folder>', 'sign with the authority of this folder, as with Istio\'s Secret cacerts; it is followed')
    .option('--verbose', 'tell what Envoys, the control plane and the engine write')
    .addOption(output('text', 'json'));
  command.action((files: string[]) => done(async () => (await import('./up')).up(files, command.opts()))());
}

function addExec(program: Command, done: Done): void {
  const command = program.command('exec').argument('<service>', 'SERVICE, SERVICE.NAMESPACE, SERVICE/VERSION or a pod').argument('<command...>', 'after --')
    .description('run a command inside a pod of a running mesh').option('--mesh <name>', 'which mesh, if several run');
  command.usage('[options] <service> -- <command...>').passThroughOptions();
  command.action((service: string, words: string[]) => done(async () => (await import('./exec')).exec(service, words[0] === '--' ? words.slice(1) : words, command.opts()))());
}

function addLogs(program: Command, done: Done): void {
  const command = program.command('logs').argument('[service]', 'SERVICE, SERVICE.NAMESPACE, SERVICE/VERSION, a pod, or istiod; everything where it is left out')
    .description('print what containers and proxies of a running mesh have written')
    .option('-f, --follow', 'go on while the mesh runs').option('-c, --container <name>', 'of that container only, such as istio-proxy')
    .option('--mesh <name>', 'which mesh, if several run').addOption(output('text', 'json'));
  command.action((service: string | undefined) => done(async () => (await import('./logs')).logs(service, command.opts()))());
}

function addStatus(program: Command, done: Done): void {
  const command = program.command('status').description('pods and proxies of a running mesh, and what each proxy has acknowledged')
    .option('--mesh <name>', 'which mesh, if several run').addOption(output('text', 'json'));
  command.action(() => done(async () => (await import('./status')).status(command.opts()))());
}

function addConfig(program: Command, done: Done): void {
  const command = program.command('config').argument('[files...]', FILES, ['.'])
    .description('print what a proxy would be given; no mesh needs to run')
    .option('--proxy <name.namespace>', 'a pod, Deployment or service')
    .option('--node <json>', 'an Envoy node: {"id": "sidecar~IP~POD.NAMESPACE~NAMESPACE.svc.cluster.local", "metadata": {…}}')
    .option('--no-inject', 'give no pod a sidecar that does not have one')
    .addOption(output('table', 'json', 'bootstrap').default('table'));
  command.action((files: string[]) => done(async () => (await import('./config')).config(files, command.opts()))());
}

function addInject(program: Command, done: Done): void {
  const command = program.command('inject').argument('<files...>', FILES)
    .description('print manifests with the sidecars that mesh up and the webhook would add');
  command.action((files: string[]) => done(async () => (await import('./inject')).inject(files))());
}

function addFields(program: Command, done: Done): void {
  const command = program.command('fields').argument('[kind]', 'such as VirtualService').description('every field of every kind of Istio, the Gateway API and Ingress: handled, or why not')
    .addOption(output('table', 'json'));
  command.action((kind: string | undefined) => done(async () => (await import('./fields')).fields(kind, command.opts()))());
}

function addEnvoy(program: Command, done: Done): void {
  program.command('envoy').description('print the path of the Envoy that a mesh runs; it is fetched first where there is none')
    .action(() => done(async () => (await import('./envoy')).envoy())());
}

function addControl(program: Command, done: Done): void {
  const command = program.command('control').description('run the control plane')
    .option('--files <paths...>', 'take the objects from files and folders', process.env.MESH_FILES?.split(':').filter(Boolean))
    .option('--listen <address...>', 'where to serve xDS: HOST:PORT or unix:PATH', ['0.0.0.0:15010'])
    .option('--secure <address>', 'where to serve certificates and xDS with TLS, such as 0.0.0.0:15012')
    .option('--ca <folder>', 'where the authority keeps its own root, and writes root-cert.pem for agents; without it they are kept in Kubernetes: in the cluster of this pod')
    .option('--kubeconfig <file>', 'or in the one of that file')
    .option('--cacerts <folder>', 'sign with the authority of this folder: ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem, or tls.crt, tls.key and ca.crt')
    .option('--status <address>', 'where to serve /ready and /metrics', '0.0.0.0:15014')
    .option('--outside <way>', 'how public keys of issuers are fetched: direct, none, or unix:PATH@RESOLVER, a socket that takes CONNECT', 'direct');
  command.action(() => done(async () => (await import('./control')).control(command.opts()))());
}

function addListChecker(program: Command, done: Done): void {
  const command = program.command('list-checker').description('decide by a list, for proxies that ask (ext_authz), which requests pass')
    .option('--list <from>', 'where the list is: a URL of HTTP or a file; one entry a line, or a JSON list')
    .option('--entry <values...>', 'entries that are always on it')
    .option('--value <attribute>', 'what is looked up: header:NAME, method, path, host, source.ip, source.principal', 'header:x-user')
    .addOption(new Option('--mode <mode>', 'allow: only what is on the list passes; deny: only what is not').choices(['allow', 'deny']).default('allow'))
    .addOption(new Option('--compare <how>', 'how values are compared with entries').choices(['exact', 'ignore-case', 'ip']).default('exact'))
    .option('--refresh <time>', 'how often the list is looked at', '30s')
    .option('--http <port>', 'where to answer providers of the kind envoyExtAuthzHttp').option('--grpc <port>', 'and those of the kind envoyExtAuthzGrpc')
    .option('--path-prefix <path>', 'pathPrefix of the provider', '')
    .option('--status <number>', 'what denied requests are answered with', '403').option('--message <text>', 'and the text of that answer', 'the list does not let you pass');
  command.action(() => done(async () => (await import('./list-checker')).listChecker(command.opts()))());
}

function addToken(program: Command, done: Done): void {
  const command = program.command('token').description('print a token by which a workload outside of Kubernetes, such as a virtual machine, gets its first certificate')
    .requiredOption('--ca <folder>', 'the folder of the authority, as given to mesh control')
    .requiredOption('--namespace <name>', 'of the workload').requiredOption('--service-account <name>', 'of the workload')
    .option('--ttl <duration>', 'how long the token may be used, once', '1h');
  command.action(() => done(async () => (await import('./token')).token(command.opts()))());
}

function addMachine(program: Command, done: Done): void {
  const command = program.command('machine').argument('<group>', 'a WorkloadGroup: NAME, or NAME.NAMESPACE').argument('[files...]', FILES, ['.'])
    .description('write the folder with which a machine outside of Kubernetes joins as a workload of a WorkloadGroup: settings, a token, the root')
    .requiredOption('--ca <folder>', 'the folder of the authority, as given to mesh control')
    .option('--control-plane <address>', 'its secured port, as the machine reaches it', 'istiod.istio-system.svc:15012')
    .option('--address <ip>', 'where workloads reach the machine; otherwise the first that it has')
    .option('--output <folder>', 'where to write', 'machine').option('--ttl <duration>', 'how long the token may be used, once', '1h');
  command.action((group: string, files: string[]) => done(async () => (await import('./machine')).machine(group, files, command.opts()))());
}

function output(first: string, ...others: string[]): Option {
  return new Option('-o, --output <format>', 'how to print').choices([first, ...others]).default(first);
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError(`expected a port, 0 to 65535 (0: any free one), got ${text}`);
  }
  return number;
}
