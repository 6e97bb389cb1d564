package dev.muster.simulator.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the demonstration. */
@Command(
        name = "muster demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a server and a simulated fleet, brings one release to all vans, and another to the tills,",
            "which fails its canary and reverts by itself. Goes on until Ctrl-C.%n"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was stopped; with --check: every claim is true",
            "1:something did not work; the last lines say what",
            "2:wrong usage"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int FEWEST = 40;
    private static final int MOST = 20_000;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--assets", defaultValue = "500", paramLabel = "N", description = "How many assets (500).")
    private int assets;

    @Option(names = "--seed", defaultValue = "7", paramLabel = "S", description = "Another fleet, other luck (7).")
    private long seed;

    @Option(
            names = "--data-dir",
            defaultValue = ".muster-demo",
            paramLabel = "DIR",
            description = "Where all of it is kept (.muster-demo).")
    private Path dataDir = Path.of(".muster-demo");

    @Option(
            names = "--clean",
            description = "Removes what an earlier demonstration left in the data directory, and ends.")
    private boolean clean;

    @Option(
            names = "--check",
            description =
                    "In a temporary directory and on free ports: asks the server whether each claim is true, and ends.")
    private boolean check;

    @Option(
            names = "--break",
            split = ",",
            paramLabel = "CLAIM",
            description =
                    "Makes a claim of --check untrue, by doing something to the system or around it: then its line"
                            + " must be FALSE. An unknown one lists them.")
    private List<String> breaking = List.of();

    @Override
    public Integer call() throws InterruptedException {
        Set<Claim> broken = broken();
        check |= !broken.isEmpty();
        if (assets < FEWEST || assets > MOST) {
            throw usage("--assets is " + assets + ", allowed are " + FEWEST + " to " + MOST);
        }
        Steps steps = new Steps(System.out);
        try {
            if (clean) {
                DemoFolder.clean(dataDir);
                steps.tell("removed " + dataDir);
                return 0;
            }
            DemoFolder folder = check ? DemoFolder.temporary(assets, seed) : DemoFolder.open(dataDir, assets, seed);
            try (Demo demo = new Demo(folder, check ? Ports.any() : Ports.wellKnownOrNext(), steps, broken)) {
                demo.stopOnSignal();
                return tell(demo);
            }
        } catch (DemoFailed | IOException e) {
            return failed(e);
        }
    }

    /** What went wrong is told before all is stopped, beside the step at which it did. */
    private int tell(Demo demo) throws InterruptedException {
        try {
            demo.run();
            if (check) {
                demo.sabotageTheEnd();
                Guest guest = demo.comesAndGoes();
                return new Checks(demo.rest(), guest, assets, System.out).run() ? 0 : 1;
            }
            demo.hints();
            demo.untilStopped();
            return 0;
        } catch (Demo.Stopped e) {
            return 0;
        } catch (DemoFailed | IOException e) {
            return failed(e);
        }
    }

    private Set<Claim> broken() {
        Set<Claim> broken = EnumSet.noneOf(Claim.class);
        for (String name : breaking) {
            broken.add(Claim.ofWire(name)
                    .orElseThrow(() ->
                            usage("--break: there is no claim \"" + name + "\"; there are\n" + Claim.known() + "\n")));
        }
        return broken;
    }

    private static int failed(Exception e) {
        System.out.flush();
        System.err.println("muster demo: " + e.getMessage());
        return 1;
    }

    private ParameterException usage(String message) {
        if (spec == null) {
            throw new IllegalStateException("the command line was not prepared");
        }
        return new ParameterException(spec.commandLine(), message);
    }
}
