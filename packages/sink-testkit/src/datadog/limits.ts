/** Largest body in bytes, decompressed: https://docs.datadoghq.com/api/latest/logs/#send-logs */
export const maxBodyBytes = 5_000_000;

/** Most logs in an array: https://docs.datadoghq.com/api/latest/logs/#send-logs */
export const maxLogs = 1000;

/** A longer log is cut, and the answer is 202 all the same: https://docs.datadoghq.com/api/latest/logs/#send-logs */
export const maxLogBytes = 1_000_000;

/** Oldest time that is indexed, in ms: https://docs.datadoghq.com/logs/log_configuration/pipelines/#date-attribute */
export const maxAgeMs: number = 18 * 3_600_000;

/** How far ahead a time may be, in ms: the same page. */
export const maxAheadMs: number = 2 * 3_600_000;
