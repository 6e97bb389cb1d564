package dev.muster.simulator.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is claimed of the demonstration, and what can be done to the system or around it so that it is not true any more. */
enum Claim {
    ONLINE("every asset is online", "three assets lose their network"),
    PLACED("assets are in several regions and have owners", "the inventory names neither region nor owner"),
    CONSOLE("the console is served", "the server is started without the library that holds the console"),
    PUBLISHED("two signed releases are published", "app@1.6.0 is not signed"),
    GOOD("the good release is on every van", "app@1.5.0 crashes on every van"),
    BAD("the bad release failed its canary and was rolled back", "app@1.6.0 crashes nowhere"),
    OWN_VERSION(
            "each till that was touched runs its own previous version again",
            "the rollout pauses where it should roll back"),
    NOWHERE(
            "no till runs the bad release",
            "somebody rolls app@1.6.0 out once more, to tills on which it does not crash"),
    ENROLLED(
            "an asset enrols by EST with a claim token of its own and is online",
            "the token is revoked before the asset shows it"),
    WIPED("the asset is retired: it wiped itself, and its key is gone", "it loses its network before it hears of it"),
    REFUSED(
            "the retired asset's certificate is refused",
            "it is retired only if it is wiped, and loses its network before it hears of it"),
    TAKEN("the retired id is taken: no claim token enrols it again", "an administrator restores it");

    private final String text;
    private final String sabotage;

    Claim(String text, String sabotage) {
        this.text = text;
        this.sabotage = sabotage;
    }

    String text() {
        return text;
    }

    /** What {@code --break} does. */
    String sabotage() {
        return sabotage;
    }

    String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Claim> ofWire(String name) {
        return Arrays.stream(values())
                .filter(claim -> claim.wire().equals(name))
                .findFirst();
    }

    /** For people: each with what breaks it. */
    static String known() {
        int width = Arrays.stream(values())
                .mapToInt(claim -> claim.wire().length())
                .max()
                .orElse(0);
        return Arrays.stream(values())
                .map(claim -> ("  %-" + width + "s  %s").formatted(claim.wire(), claim.sabotage()))
                .collect(Collectors.joining("\n"));
    }
}
