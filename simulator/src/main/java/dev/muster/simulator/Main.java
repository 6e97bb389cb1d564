package dev.muster.simulator;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** {@code muster sim}: exit code 0 done, 1 an asset could not take part, 2 usage, 5 the server does not answer. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dev/muster/simulator/logging.xml");
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread onSignal = new Thread(
                () -> {
                    stop.countDown();
                    awaitBriefly(done);
                },
                "sim-signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        int code = new CommandLine(new SimCommand(stop))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
        done.countDown();
        if (stop.getCount() > 0) {
            System.exit(code);
        }
    }

    private static void awaitBriefly(CountDownLatch done) {
        try {
            if (!done.await(20, TimeUnit.SECONDS)) {
                System.err.println("muster sim: the clients did not end within 20 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
