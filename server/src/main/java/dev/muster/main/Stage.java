package dev.muster.main;

import org.springframework.context.SmartLifecycle;

/** One step of the start that must be undone in reverse order at the stop. */
final class Stage implements SmartLifecycle {
    private final int phase;
    private final Runnable onStart;
    private final Runnable onStop;
    private volatile boolean running;

    /** @param phase smaller ones start earlier and stop later; the management API comes after all of them */
    Stage(int phase, Runnable onStart, Runnable onStop) {
        this.phase = phase;
        this.onStart = onStart;
        this.onStop = onStop;
    }

    @Override
    public void start() {
        onStart.run();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        onStop.run();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return phase;
    }
}
