//! Check letters and digits of UPNs and NHS numbers.
