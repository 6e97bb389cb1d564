package dev.muster.bench;

import dev.muster.alert.anomaly.Detector;
import dev.muster.alert.anomaly.Trial;
import dev.muster.bench.NabCorpus.Series;
import dev.muster.bench.NabScore.Profile;
import dev.muster.bench.NabScore.Raw;
import dev.muster.bench.NabScore.Scored;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The anomaly detector by the Numenta Anomaly Benchmark's own scoring, beside what was published of other detectors. */
@Command(
        name = "anomaly",
        mixinStandardHelpOptions = true,
        description = "Scores the anomaly detector on the Numenta Anomaly Benchmark, beside published detectors.")
final class AnomalyBench implements Callable<Integer> {
    private static final int SPEED_ROUNDS = 5;
    /** Published as 1.0, rounded to twelve digits; at 1 - 7e-13 and at 1 - 3e-13 counts differ in some files. */
    private static final double GAUSSIAN_THRESHOLD = 1 - 5e-13;

    @Option(
            names = "--data",
            required = true,
            description = "Directory of github.com/numenta/NAB, or a part of it, with data/, labels/ and results/.")
    private Path data = Path.of("");

    @Option(
            names = "--fleet",
            defaultValue = "100",
            description = "Simulated series of each fault, for precision and recall (default 100; 0 for none).")
    private int fleet;

    @Option(names = "--seed", defaultValue = "1", description = "Of the simulated series (default 1).")
    private long seed;

    @Option(names = "--files", description = "Print the score and counts of each file.")
    private boolean files;

    @Override
    public Integer call() throws Exception {
        List<Series> corpus = NabCorpus.read(data);
        if (corpus.isEmpty()) {
            System.err.println("anomaly: no series of labels/combined_windows.json is in " + data.resolve("data"));
            return 2;
        }
        Figures figures = new Figures("anomaly", System.out);
        List<Scored> ours = detect(corpus);
        figures.setting("files", corpus.size());
        figures.setting(
                "rows", corpus.stream().mapToInt(each -> each.values().length).sum());
        figures.setting("windows", NabScore.windows(ours));
        boolean checked = Files.isDirectory(data.resolve("results")) && checkScorer(figures, corpus);
        if (!checked) {
            figures.setting("scorer", "not checked: no published results in " + data);
        }
        for (Profile profile : Profile.ALL) {
            double threshold = NabScore.bestThreshold(ours, profile);
            figures.figure(
                    "nab." + profile.name(),
                    NabScore.total(ours, profile, threshold),
                    "of 100, threshold " + threshold);
        }
        figures.figure(
                "nab.standard.fixed-threshold",
                NabScore.total(ours, Profile.STANDARD, Detector.USUAL_THRESHOLD),
                "of 100, at the threshold " + Detector.USUAL_THRESHOLD + " that rules have");
        heldOut(figures, ours);
        published(figures, corpus);
        if (files) {
            printFiles(ours);
        }
        speed(figures, corpus);
        if (fleet > 0) {
            fleet(figures, "static", Trial.staticThreshold());
            fleet(figures, "detector", Trial.detector(Detector.USUAL_THRESHOLD));
            fleet(figures, "detector-0.58", Trial.detector(0.58));
        }
        figures.write(Path.of(System.getProperty("muster.root", ".")));
        return 0;
    }

    private static List<Scored> detect(List<Series> corpus) {
        return corpus.stream().map(series -> new Scored(series, scores(series))).toList();
    }

    private static double[] scores(Series series) {
        Detector detector = new Detector();
        double[] scores = new double[series.values().length];
        for (int row = 0; row < scores.length; row++) {
            scores[row] =
                    detector.take(series.seconds()[row], series.values()[row]).score();
        }
        return scores;
    }

    /** A published detector that is easily built again has to come out with its published scores, file by file. */
    private boolean checkScorer(Figures figures, List<Series> corpus) throws Exception {
        Map<String, double[]> published = NabCorpus.published(data, "windowedGaussian");
        int same = 0;
        double farthest = 0;
        for (Series series : corpus) {
            double[] row = published.get(series.name());
            if (row == null) {
                continue;
            }
            Raw raw = NabScore.raw(
                    new Scored(series, WindowedGaussian.scores(series.values())), Profile.STANDARD, GAUSSIAN_THRESHOLD);
            boolean alike = raw.tp() == row[1] && raw.tn() == row[2] && raw.fp() == row[3] && raw.fn() == row[4];
            if (alike) {
                farthest = Math.max(farthest, Math.abs(raw.score() - row[0]));
                same++;
            } else {
                System.out.printf(
                        Locale.ROOT,
                        "differs %s: here %s, published %s%n",
                        series.name(),
                        raw,
                        java.util.Arrays.toString(row));
            }
        }
        figures.figure(
                "scorer.files-with-published-counts",
                same,
                "of " + corpus.size() + " (windowed Gaussian, built again)");
        figures.figure("scorer.farthest-from-published", farthest * 1e9, "1e-9 of raw score, in those files");
        return true;
    }

    /** What each domain scores with the threshold that the others have chosen. */
    private static void heldOut(Figures figures, List<Scored> ours) {
        double raw = 0;
        double all = NabScore.bestThreshold(ours, Profile.STANDARD);
        for (String domain : ours.stream()
                .map(each -> each.series().domain())
                .distinct()
                .sorted()
                .toList()) {
            List<Scored> others = ours.stream()
                    .filter(each -> !each.series().domain().equals(domain))
                    .toList();
            List<Scored> own = ours.stream()
                    .filter(each -> each.series().domain().equals(domain))
                    .toList();
            double threshold = NabScore.bestThreshold(others, Profile.STANDARD);
            double sum = own.stream()
                    .mapToDouble(each ->
                            NabScore.raw(each, Profile.STANDARD, threshold).score())
                    .sum();
            raw += sum;
            int windows = NabScore.windows(own);
            if (windows == 0) {
                figures.figure("nab.held-out." + domain, sum, "raw, no windows");
            } else {
                figures.figure(
                        "nab.held-out." + domain,
                        NabScore.normalised(sum, windows, Profile.STANDARD),
                        "of 100, threshold of the other domains; "
                                + String.format(Locale.ROOT, "%.1f", NabScore.total(own, Profile.STANDARD, all))
                                + " with that of all");
            }
        }
        figures.figure(
                "nab.held-out",
                NabScore.normalised(raw, NabScore.windows(ours), Profile.STANDARD),
                "of 100, each domain with the threshold of the others");
    }

    private void published(Figures figures, List<Series> corpus) throws Exception {
        if (!Files.isDirectory(data.resolve("results"))) {
            return;
        }
        int windows = corpus.stream().mapToInt(each -> each.starts().length).sum();
        for (String detector : NabCorpus.detectors(data)) {
            Map<String, double[]> rows = NabCorpus.published(data, detector);
            if (corpus.stream().allMatch(series -> rows.containsKey(series.name()))) {
                double raw = corpus.stream()
                        .mapToDouble(series -> java.util.Objects.requireNonNull(rows.get(series.name()))[0])
                        .sum();
                figures.figure(
                        "reference." + detector,
                        NabScore.normalised(raw, windows, Profile.STANDARD),
                        "of 100, published, on the same files, with its threshold of the whole corpus");
            }
        }
    }

    private void fleet(Figures figures, String name, Supplier<Trial.Judge> judges) {
        Trial.Outcome outcome = Trial.run(seed, fleet, judges);
        System.out.println("fleet " + name + " " + outcome);
        figures.figure("fleet." + name + ".recall", outcome.recall(), "of 1, seed " + seed);
        figures.figure("fleet." + name + ".precision", outcome.precision(), "of 1");
        figures.figure("fleet." + name + ".false-alarms", outcome.falseAlarmsPerWeek(), "per series and week");
    }

    private static void printFiles(List<Scored> ours) {
        double threshold = NabScore.bestThreshold(ours, Profile.STANDARD);
        for (Scored each : ours) {
            Raw raw = NabScore.raw(each, Profile.STANDARD, threshold);
            System.out.printf(
                    Locale.ROOT,
                    "file %s raw %.2f of %d windows, TP %d FP %d%n",
                    each.series().name(),
                    raw.score(),
                    each.series().starts().length,
                    raw.tp(),
                    raw.fp());
        }
    }

    private static void speed(Figures figures, List<Series> corpus) {
        List<Double> rounds = new ArrayList<>();
        for (int round = 0; round < SPEED_ROUNDS; round++) {
            long begun = System.nanoTime();
            long rows = detect(corpus).stream()
                    .mapToLong(each -> each.scores().length)
                    .sum();
            rounds.add((System.nanoTime() - begun) / 1e3 / rows);
        }
        rounds.sort(null);
        figures.figure(
                "detector.time", rounds.get(SPEED_ROUNDS / 2), "us per value, one thread, median of " + SPEED_ROUNDS);
        figures.figure("detector.state", Detector.BYTES, "bytes per series, as stored; as much in memory");
    }
}
