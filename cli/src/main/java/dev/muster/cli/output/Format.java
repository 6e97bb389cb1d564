package dev.muster.cli.output;

/** What {@code -o} offers. */
public enum Format {
    table,
    wide,
    json,
    yaml
}
