package dev.muster.agent.budget;

/** Whether the machine has room for work that can wait: downloads, unpacking, diagnostics. Asked before and during it. */
@FunctionalInterface
public interface HeavyWork {
    boolean allowed();
}
