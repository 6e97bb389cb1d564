package dev.muster.main;

import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsException;
import dev.muster.platform.config.SettingsReader;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.postgres.Database;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code muster server}: starts the control plane. */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Main() {}

    public static void main(String[] args) {
        List<String> arguments = new ArrayList<>(List.of(args));
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.print(usage());
            return;
        }
        boolean printConfig = arguments.remove("--print-config");
        try {
            Settings settings = new SettingsReader(SettingsCatalog.ALL).read(arguments, System.getenv());
            if (printConfig) {
                System.out.print(settings.print());
                return;
            }
            MusterApplication.useWhatTheBuildFound();
            MusterServer server = StopOnSignal.watch(() -> MusterServer.start(settings));
            System.out.println(started(server));
        } catch (SettingsException e) {
            end(USAGE, String.valueOf(e.getMessage()), null);
        } catch (RuntimeException e) {
            Optional<StartRefusal> refusal = refusal(e);
            end(FAILED, refusal.<Throwable>map(found -> found).orElse(e).getMessage(), refusal.isPresent() ? null : e);
        }
    }

    /** What runs, where, and how to log in. */
    private static String started(MusterServer server) {
        long seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000;
        return """
                muster is ready after %d s
                  management  %s/api/v1  (OpenAPI: /api/openapi.json, state: /readyz)
                  assets      MQTT over mutual TLS at %s, enrolment (EST) at %s
                  data        %s
                  PostgreSQL  %s
                  log in      with the token in %s, for example
                              curl -H "Authorization: Bearer $(cat %s)" %s/api/v1/whoami""".formatted(
                        seconds,
                        server.httpUrl(),
                        server.bean(Devices.class).mqtt(),
                        server.bean(Devices.class).https(),
                        server.directory().root(),
                        server.bean(Database.class).where(),
                        server.directory().adminToken(),
                        server.directory().adminToken(),
                        server.httpUrl());
    }

    private static Optional<StartRefusal> refusal(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartRefusal refusal) {
                return Optional.of(refusal);
            }
        }
        return Optional.empty();
    }

    private static void end(int code, @Nullable String message, @Nullable Throwable failure) {
        System.err.println("muster server does not start: " + message);
        if (failure != null) {
            failure.printStackTrace();
        }
        System.exit(code);
    }

    private static String usage() {
        StringBuilder text = new StringBuilder("""
                muster server [--KEY=VALUE …]   starts the control plane
                  --print-config   prints the effective settings and where each comes from, and ends
                  --help           prints this

                Settings, also as MUSTER_KEY in the environment or as 'key: value' in muster.yaml of the data directory:
                """);
        for (Setting<?> setting : new SettingsReader(SettingsCatalog.ALL).catalog()) {
            text.append("  --%-24s %s%s%n"
                    .formatted(
                            setting.key(),
                            setting.sentence(),
                            setting.defaultText().isEmpty() ? "" : " Default: " + setting.defaultText() + "."));
        }
        return text.toString();
    }
}
