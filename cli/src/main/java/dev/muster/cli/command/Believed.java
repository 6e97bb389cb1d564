package dev.muster.cli.command;

import dev.muster.cli.release.Signing;
import dev.muster.cli.rest.Api;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Current metadata that a person has looked at, because no key here can verify it. */
final class Believed {
    @Option(names = "--believe", paramLabel = "SHA256", description = "Current metadata that another key has signed.")
    private List<String> hashes = List.of();

    /** Signs what comes after the server's metadata. */
    Signing signing(Api api) {
        return Signing.with(api, hashes);
    }

    /** Signs what comes after the metadata in a folder. */
    Signing signing(Path current) {
        return Signing.offline(current, hashes);
    }
}
