package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the passphrase of a key file comes from: a file, the environment, or the person at the terminal. */
final class Passphrases {
    static final String VARIABLE = "MUSTER_KEY_PASSPHRASE";
    private static final int MIN_LENGTH = 12;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "With the passphrase of the keys; else " + VARIABLE + ", else it is asked for.")
    private @Nullable Path file;

    /** For opening a key. */
    char[] existing(Terminal terminal) {
        char[] given = given(terminal);
        return given.length > 0 ? given : asked(terminal, "passphrase of the keys: ");
    }

    /** For a new key: asked twice, and long enough. */
    char[] fresh(Terminal terminal) {
        char[] given = given(terminal);
        char[] passphrase = given.length > 0 ? given : asked(terminal, "a passphrase for the keys: ");
        if (passphrase.length < MIN_LENGTH) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "the passphrase has " + passphrase.length + " characters, at least " + MIN_LENGTH + " are needed");
        }
        if (given.length == 0 && !Arrays.equals(passphrase, asked(terminal, "once more: "))) {
            throw new CommandFailed(ExitCode.USAGE, "the two passphrases differ");
        }
        return passphrase;
    }

    private char[] given(Terminal terminal) {
        if (file != null) {
            try {
                return Files.readString(file).strip().toCharArray();
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.USAGE, "cannot read the passphrase in " + file);
            }
        }
        return terminal.environment().getOrDefault(VARIABLE, "").toCharArray();
    }

    private static char[] asked(Terminal terminal, String prompt) {
        if (!terminal.interactive() || System.console() == null) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "the keys need a passphrase: give --passphrase-file or " + VARIABLE
                            + "; new keys for a protected folder may be --plain");
        }
        char[] typed = System.console().readPassword("%s", prompt);
        return typed == null ? new char[0] : typed;
    }
}
