import { connect } from '../../lib/transport';

// Runs a command at a host, tells when it runs, and waits to be killed. Arguments: {address, sshOptions, argv} as JSON.
const { argv, ...host } = JSON.parse(process.argv[2] ?? '');
const transport = connect(host);
transport.run(argv).catch(() => {});
transport.hold(['sh', '-c', 'echo; cat']).then(() => console.log('holding'));
