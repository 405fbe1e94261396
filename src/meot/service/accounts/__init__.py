"""Who a visitor is: signing up, in and out, and what each may."""
