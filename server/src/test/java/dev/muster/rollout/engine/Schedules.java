package dev.muster.rollout.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Runs many simulations side by side, one for each processor; each is a world of its own. */
final class Schedules {
    private Schedules() {}

    /** @return what all of them reached, whoever ran which; throws what the first that fails throws */
    static Statistics run(long first, long last) {
        int processors = Runtime.getRuntime().availableProcessors();
        AtomicLong next = new AtomicLong(first);
        List<Future<Statistics>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(processors)) {
            for (int i = 0; i < processors; i++) {
                parts.add(threads.submit(() -> {
                    Statistics own = new Statistics();
                    try {
                        for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
                            new Simulation(seed, new Rules(), own).run();
                        }
                    } catch (Throwable broken) {
                        next.set(last + 1); // the others need not go on
                        throw broken;
                    }
                    return own;
                }));
            }
        }
        Statistics all = new Statistics();
        parts.forEach(part -> all.add(result(part)));
        return all;
    }

    private static Statistics result(Future<Statistics> part) {
        try {
            return part.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error broken) {
                throw broken;
            }
            throw new AssertionError("a simulation has failed", failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
