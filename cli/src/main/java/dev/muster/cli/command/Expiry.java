package dev.muster.cli.command;

import java.time.Instant;
import picocli.CommandLine.Option;

/** Until when metadata of releases that is signed now can be believed. */
final class Expiry {
    @Option(names = "--expires", defaultValue = "365d", paramLabel = "TIME", description = "Of the metadata (365d).")
    private String expires = "365d";

    Instant until() {
        return Instant.now().plus(Times.duration(expires));
    }
}
