package dev.muster.protocol;

/** Severity of events and log records, OpenTelemetry's six ranges; on the wire in lower case. */
public enum Severity {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    FATAL
}
