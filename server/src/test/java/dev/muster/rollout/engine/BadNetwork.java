package dev.muster.rollout.engine;

import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.SimulatedAsset.Report;
import java.util.Random;
import java.util.function.Consumer;

/** Between assets and the server: from time to time messages are lost, repeated, late or contradict each other. */
final class BadNetwork {
    private final Timeline timeline;
    private final Random random;
    private final Statistics statistics;
    private final Consumer<Report> receive;
    private final Consumer<AssetId> heard;
    private boolean lossy;

    /**
     * @param receive gets what arrives
     * @param heard is told of signs of life that say nothing else
     */
    BadNetwork(
            Timeline timeline,
            Random random,
            Statistics statistics,
            Consumer<Report> receive,
            Consumer<AssetId> heard) {
        this.timeline = timeline;
        this.random = random;
        this.statistics = statistics;
        this.receive = receive;
        this.heard = heard;
        this.lossy = random.nextBoolean();
    }

    void change() {
        lossy = !lossy;
    }

    void mend() {
        lossy = false;
    }

    void heartbeat(AssetId asset) {
        if (!lossy || random.nextInt(5) != 0) {
            timeline.later(random.nextInt(500), () -> heard.accept(asset));
        }
    }

    void send(Report report) {
        if (!lossy) {
            timeline.later(random.nextInt(500), () -> receive.accept(report));
            return;
        }
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> statistics.fault("message lost");
            case 3, 4 -> {
                statistics.fault("message repeated");
                timeline.later(random.nextInt(500), () -> receive.accept(report));
                timeline.later(random.nextInt(60_000), () -> receive.accept(report));
            }
            case 5, 6 -> {
                statistics.fault("message late");
                timeline.later(30_000 + random.nextInt(600_000), () -> receive.accept(report));
            }
            case 7 -> {
                statistics.fault("message contradicts");
                Progress other = Progress.values()[random.nextInt(Progress.values().length)];
                timeline.later(random.nextInt(500), () -> receive.accept(report));
                timeline.later(
                        random.nextInt(5_000),
                        () -> receive.accept(new Report(
                                report.asset(), report.attempt(), other, "?", report.version(), report.boot(), null)));
            }
            case 8 -> {
                statistics.fault("message says nothing of the order");
                timeline.later(
                        random.nextInt(500),
                        () -> receive.accept(new Report(
                                report.asset(),
                                null,
                                Progress.NONE,
                                null,
                                report.version(),
                                report.boot(),
                                report.healthy())));
            }
            default -> timeline.later(random.nextInt(2_000), () -> receive.accept(report));
        }
    }
}
