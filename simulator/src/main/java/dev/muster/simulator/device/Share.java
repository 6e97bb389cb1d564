package dev.muster.simulator.device;

/** A share of a fleet between 0 and 1, written {@code 5%} or {@code 0.05}. */
public record Share(double fraction) {
    public static final Share NONE = new Share(0);
    public static final Share ALL = new Share(1);

    public Share {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("a share of " + fraction * 100 + "% is not between 0% and 100%");
        }
    }

    public static Share percent(double percent) {
        return new Share(percent / 100);
    }

    public static Share parse(String text) {
        String number = text.strip();
        boolean percent = number.endsWith("%");
        try {
            double value = Double.parseDouble(percent ? number.substring(0, number.length() - 1) : number);
            return new Share(percent ? value / 100 : value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not a share; write 5% or 0.05", e);
        }
    }

    @Override
    public String toString() {
        return Math.round(fraction * 10_000) / 100.0 + "%";
    }
}
