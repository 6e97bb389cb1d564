package dev.muster.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** What all verbs share: their way to the root's options. */
abstract class Verb implements Callable<Integer> {
    @ParentCommand
    private Object parent = this;

    Root root() {
        Object at = parent;
        while (at instanceof Verb verb && verb != verb.parent) {
            at = verb.parent;
        }
        if (at instanceof Root root) {
            return root;
        }
        throw new IllegalStateException("the command " + getClass().getSimpleName() + " runs outside of muster");
    }

    abstract void run();

    @Override
    public final Integer call() {
        run();
        return 0;
    }
}
