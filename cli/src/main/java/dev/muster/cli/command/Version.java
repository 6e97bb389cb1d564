package dev.muster.cli.command;

import java.util.Objects;
import picocli.CommandLine.Command;

/** {@code muster version}. */
@Command(name = "version", description = "Tells the version of this program.")
final class Version extends Verb {
    @Override
    void run() {
        String built = Version.class.getPackage().getImplementationVersion();
        root().terminal()
                .out()
                .println("muster " + Objects.requireNonNullElse(built, "(not packaged)") + ", Java "
                        + Runtime.version());
        root().terminal().out().flush();
    }
}
