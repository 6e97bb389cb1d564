package dev.muster.pki;

import dev.muster.platform.config.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** What can be configured of the CA. */
public final class PkiSettings {
    static final int MAX_HOST_NAMES = 32;

    private static final Pattern HOST_NAME = Pattern.compile(
            "[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    public static final Setting<Path> PASSPHRASE_FILE = Setting.path(
            "pki-passphrase-file",
            "",
            "File with the passphrase of the CA's private keys; empty means one generated beside the keys.");
    public static final Setting<Duration> ASSET_CERTIFICATE_LIFETIME = Setting.duration(
            "asset-certificate-lifetime",
            "90d",
            Duration.ofMinutes(1),
            CaDirectory.ISSUING_RENEWAL,
            "How long a certificate of an asset is valid; assets renew at two thirds of it.");
    public static final Setting<List<String>> DEVICE_HOST_NAMES = new Setting<>(
            "device-host-names",
            "list of names and addresses, separated by commas",
            "",
            "Host names and addresses at which assets reach this server, for its certificate; localhost and the"
                    + " machine's own name are always in it.",
            false,
            PkiSettings::hostNames);

    public static final List<Setting<?>> SETTINGS =
            List.of(DEVICE_HOST_NAMES, ASSET_CERTIFICATE_LIFETIME, PASSPHRASE_FILE);

    private PkiSettings() {}

    private static List<String> hostNames(String text) {
        List<String> names = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        if (names.size() > MAX_HOST_NAMES) {
            throw new IllegalArgumentException("must be at most " + MAX_HOST_NAMES + " names, found " + names.size());
        }
        for (String name : names) {
            if (!isHostName(name)) {
                throw new IllegalArgumentException("must be host names and IP addresses without port or scheme");
            }
        }
        return names;
    }

    static boolean isHostName(String name) {
        return name.length() <= 253 && HOST_NAME.matcher(name).matches();
    }
}
