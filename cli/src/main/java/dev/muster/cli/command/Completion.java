package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code muster completion SHELL}. */
@Command(
        name = "completion",
        description = "Prints the completion script of a shell.",
        footer = {"", "  source <(muster completion bash)"})
final class Completion extends Verb {
    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private String shell = "";

    @Override
    void run() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new CommandFailed(
                    ExitCode.USAGE, "there is no completion for \"" + shell + "\"; known are bash, zsh");
        }
        CommandLine all = Verbs.commandLine(root().terminal());
        String script = AutoComplete.bash("muster", all);
        // the generated script brings its own bridge to zsh
        root().terminal().out().println(script);
        root().terminal().out().flush();
    }
}
