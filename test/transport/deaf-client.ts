import { Process } from '../../lib/transport/process';
import { masterArgv } from '../../lib/transport/ssh-client';
import { supervisorLine } from '../../lib/transport/ssh-supervisor';
import { newId } from '../../lib/transport/wrapped-session';
import { wrappedArgv } from '../../lib/transport/wrapper';

// Starts a first command at a host, tells the supervisor nothing about it, and waits to be killed.
const { address, sshOptions: options, argv } = JSON.parse(process.argv[2] ?? '');
const [, host = '', port] = /@(.*):(\d+)$/.exec(address) ?? [];
const id = newId();
const line = supervisorLine({ first: { id, argv: wrappedArgv(id, argv) } });
const target = { address, host, port: Number(port), options };
void Process.start(masterArgv(target, { controlPath: `${process.env.TMPDIR}/deaf`, kept: false }, line));
