package dev.muster.simulator.device;

/**
 * How long the asset takes for what it does, in milliseconds.
 *
 * @param think before it answers a command, and between accepted and running
 * @param run a command that has no time of its own
 * @param apply from a desired state to its effect; also from the effect to a local change
 * @param download a quarter of a download
 * @param install unpacking and installing
 * @param reboot away from the network
 * @param verify until new software counts as healthy, or is found to crash
 * @param leave from the first applied desired state to going away
 * @param late how long late reports are held back
 */
public record Pace(
        Span think,
        Span run,
        Span apply,
        Span download,
        Span install,
        Span reboot,
        Span verify,
        Span leave,
        Span late) {

    public static Pace standard() {
        return new Pace(
                new Span(100, 1_000),
                new Span(500, 5_000),
                new Span(500, 5_000),
                new Span(1_000, 6_000),
                new Span(2_000, 10_000),
                new Span(4_000, 20_000),
                new Span(5_000, 20_000),
                new Span(5_000, 30_000),
                new Span(30_000, 300_000));
    }

    /** @param factor above 1 shortens all times, below 1 draws them out */
    public Pace faster(double factor) {
        if (!(factor >= 0.001 && factor <= 1_000_000)) {
            throw new IllegalArgumentException("pace is " + factor + ", allowed are 0.001 to 1000000");
        }
        double by = 1 / factor;
        return new Pace(
                think.times(by),
                run.times(by),
                apply.times(by),
                download.times(by),
                install.times(by),
                reboot.times(by),
                verify.times(by),
                leave.times(by),
                late.times(by));
    }
}
