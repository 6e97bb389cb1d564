package dev.muster.simulator;

import dev.muster.simulator.device.BadValue;
import dev.muster.simulator.device.Behaviour;
import dev.muster.simulator.device.Fault;
import dev.muster.simulator.device.Pace;
import dev.muster.simulator.device.Share;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The flags for what assets do with what they are told. */
final class BehaviourFlags {
    @Option(
            names = "--drift",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description =
                    "Assets that change one value of their configuration locally after applying a new one, and report it.")
    private Share drift = Share.NONE;

    @Option(
            names = "--drift-stubborn",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description =
                    "Of the drifting: keep the change when the same configuration comes again. The others take the"
                            + " desired value back.")
    private Share stubborn = Share.NONE;

    @Option(
            names = "--clock-skew",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Assets whose clock is wrong by two minutes to three days.")
    private Share skew = Share.NONE;

    @Option(
            names = "--offline",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Assets that go away once they have applied and reported, and stay away; half drift"
                    + " meanwhile.")
    private Share offline = Share.NONE;

    @Option(
            names = "--late-reports",
            defaultValue = "0%",
            arity = "0..1",
            fallbackValue = "100%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Assets that report what they run half a minute to five minutes late; without a share, all.")
    private Share late = Share.NONE;

    @Option(
            names = "--reject",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Of the generations that come to an asset: refused with a reason; the last good one stays.")
    private Share reject = Share.NONE;

    @Option(
            names = "--reject-value",
            paramLabel = "VALUE",
            converter = BadValues.class,
            description = "A value of the configuration that some assets reject, always the same ones, e.g."
                    + " '/receipt/copies=1: 20%%'. Repeatable.")
    private List<BadValue> badValues = new ArrayList<>();

    @Option(
            names = "--fail-commands",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Of the commands that come to an asset: end as failed.")
    private Share failCommands = Share.NONE;

    @Option(
            names = "--download",
            defaultValue = "0%",
            paramLabel = "SHARE",
            converter = Shares.class,
            description = "Of the updates: really fetched over HTTPS and verified. The others only take the time.")
    private Share download = Share.NONE;

    @Option(
            names = "--fault",
            paramLabel = "FAULT",
            converter = Faults.class,
            description = "What is wrong with a release, e.g. 'app@1.5.0: failing=20%% bricking=5%% slow=10%%"
                    + " silent=2%% lying=1%% hanging=1%% hardware=rev-b'. Repeatable; version * is any.")
    private List<Fault> faults = new ArrayList<>();

    @Option(
            names = "--hardware",
            paramLabel = "MIX",
            description = "Hardware with weights, e.g. rev-a=70,rev-b=30; it is told to the server.")
    private @Nullable String hardware;

    @Option(
            names = "--pace",
            defaultValue = "1",
            paramLabel = "X",
            description = "How many times faster than usual the assets think, apply, install and restart (default 1).")
    private double pace;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description = "What is true of each asset, a JSON line each: every 5 s, at the end, and when asked to.")
    private @Nullable Path truth;

    @Option(
            names = "--control",
            description = "Reads commands to the fleet from standard input, one a line: offline 10%%; online;"
                    + " drift ID /reporting/telemetrySeconds=99; skew 5%% 3h; cut; reflash; truth.")
    private boolean control;

    boolean control() {
        return control;
    }

    boolean declaresHardware() {
        return hardware != null;
    }

    DeviceOptions options() {
        return new DeviceOptions(
                new Behaviour(
                        drift,
                        stubborn,
                        skew,
                        offline,
                        late,
                        reject,
                        failCommands,
                        download,
                        faults,
                        badValues,
                        Pace.standard().faster(pace)),
                hardware == null ? HardwareMix.ONE : HardwareMix.parse(hardware),
                truth);
    }

    private static final class Shares implements ITypeConverter<Share> {
        @Override
        public Share convert(String text) {
            try {
                return Share.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class BadValues implements ITypeConverter<BadValue> {
        @Override
        public BadValue convert(String text) {
            try {
                return BadValue.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class Faults implements ITypeConverter<Fault> {
        @Override
        public Fault convert(String text) {
            try {
                return Fault.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
