package dev.muster.simulator.demo;

import picocli.CommandLine;

/** {@code muster demo}: exit code 0 done, 1 something did not work or a claim is not true, 2 usage. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dev/muster/simulator/logging.xml");
        }
        System.exit(new CommandLine(new DemoCommand()).execute(args));
    }
}
