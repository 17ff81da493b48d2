import { describeRuntime } from '../runtime.contract.ts';
import { openHarness } from './testing/harness.ts';

describeRuntime('docker', () => openHarness());
