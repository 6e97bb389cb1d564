package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb that needs another word after it. */
abstract class Menu extends Verb {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    final void run() {
        String known = spec == null ? "" : String.join(", ", spec.subcommands().keySet());
        String name = spec == null ? "" : spec.qualifiedName();
        throw new CommandFailed(ExitCode.USAGE, name + " needs one of: " + known);
    }
}
